"""Tests of the services that tests start."""

import httpx

from tests.processes import PATIENCE
from tests.services import S3, Postgres


def test_a_database_is_empty_and_asks_for_the_password(postgres: Postgres) -> None:
    first, second = postgres.database(), postgres.database()
    postgres.query(first, "CREATE TABLE noted AS SELECT 'kept here' AS text")
    assert postgres.query(first, "SELECT text FROM noted") == ["kept here"]
    assert "kept here" in postgres.dump(first)
    assert "noted" not in postgres.dump(second)
    authentication = "SELECT DISTINCT auth_method FROM pg_hba_file_rules"
    assert postgres.query(first, authentication) == ["scram-sha-256"]


def test_a_bucket_is_empty_and_holds_what_is_put_there(s3: S3) -> None:
    first, second = s3.bucket(), s3.bucket()
    with httpx.Client(
        base_url=s3.endpoint, headers={"Authorization": "AWS id:signature"}, timeout=PATIENCE
    ) as client:
        client.put(f"/{first}/folder/name", content=b"bytes").raise_for_status()
        assert client.get(f"/{first}/folder/name").content == b"bytes"
        assert "<Key>folder/name</Key>" in client.get(f"/{first}").text
        assert "<Key>" not in client.get(f"/{second}").text
