"""What runs when, and the command line. Calls plain functions of the other rooms, in order."""
