"""The probe: what does a site have? It asks politely, or reads what earlier probes archived."""
