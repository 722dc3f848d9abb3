"""Tests of object stores: a folder, and a bucket with S3's interface."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from extractors.errors import UsageError
from extractors.objects import Store, StoredObject, open_store
from extractors.store_errors import NoObjectError, StoreUnreachableError
from tests.services import S3, use


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return an empty bucket's prefix."""
    use(monkeypatch, s3)
    return open_store(f"s3://{s3.bucket()}/a/prefix")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return an empty store of either kind."""
    if request.param == "folder":
        return open_store(tmp_path / "store")
    found: Store = request.getfixturevalue("bucket")
    return found


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def test_a_file_goes_in_and_comes_out(store: Store, tmp_path: Path) -> None:
    pushed, fetched = _file(tmp_path, b"bytes" * 1000), tmp_path / "fetched"
    assert store.push(pushed, "parser=3/file=a b/part")
    assert store.fetch("parser=3/file=a b/part", fetched).size == 5000
    assert fetched.read_bytes() == pushed.read_bytes()
    assert store.head("parser=3/file=a b/part").size == 5000
    assert list(tmp_path.glob("*.part")) == []


def test_a_name_that_is_there_is_not_pushed_again(store: Store, tmp_path: Path) -> None:
    assert store.push(_file(tmp_path, b"first"), "name")
    assert not store.push(_file(tmp_path, b"other"), "name")
    assert store.create("name", b"third") is None
    assert store.read("name") == b"first"


def test_an_empty_file_is_pushed_too(store: Store, tmp_path: Path) -> None:
    assert store.push(_file(tmp_path, b""), "empty")
    assert store.head("empty").size == 0


def test_of_many_that_create_a_name_one_succeeds(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda number: store.create("name", b"%d" % number), range(8)))
    (winner,) = (number for number, version in enumerate(versions) if version is not None)
    assert store.read("name") == b"%d" % winner


def test_what_is_written_replaces_what_was_there(store: Store) -> None:
    store.write("name", b"first")
    store.write("name", b"second")
    assert store.read("name") == b"second"


def test_names_are_those_below_a_folder(store: Store) -> None:
    for name in ("b", "folder/c", "folder/deep/a", "folder-2/d"):
        store.write(name, b"x")
    assert store.names() == ["b", "folder-2/d", "folder/c", "folder/deep/a"]
    assert store.names("folder/") == store.names("folder") == ["folder/c", "folder/deep/a"]
    assert [one.name for one in store.objects(deep=False)] == ["b"]
    assert store.names("nothing/here") == []


def test_what_is_not_there_is_said_to_be_missing(store: Store, tmp_path: Path) -> None:
    for ask in (store.read, store.head, lambda name: store.fetch(name, tmp_path / "to")):
        with pytest.raises(NoObjectError, match="it has no missing"):
            ask("missing")
    assert not (tmp_path / "to").exists()


def test_a_version_is_replaced_once(bucket: Store) -> None:
    first = bucket.create("name", b"first") or ""
    assert bucket.replace("name", b"second", first) is not None
    assert bucket.replace("name", b"third", first) is None
    assert bucket.read_version("name")[0] == b"second"
    assert bucket.replace("missing", b"x", first) is None


def test_a_file_replaces_one_version(bucket: Store, tmp_path: Path) -> None:
    first = bucket.push(_file(tmp_path, b"first"), "name")
    assert [one.version for one in bucket.objects()] == [first]
    assert first
    second = bucket.push(_file(tmp_path, b"other"), "name", first)
    assert bucket.push(_file(tmp_path, b"third"), "name", first) is None
    assert bucket.head("name") == StoredObject("name", 5, second or "")
    assert bucket.read("name") == b"other"


def test_a_file_too_big_for_one_request_goes_in_parts(bucket: Store, tmp_path: Path) -> None:
    content = bytes(range(256)) * (6 << 12)
    small = Store(bucket.place, one_request_bytes=1 << 20)
    first = small.push(_file(tmp_path, content), "name")
    assert first == bucket.head("name").version
    assert not small.push(_file(tmp_path, content[1:]), "name")
    assert bucket.read("name") == content
    assert small.push(_file(tmp_path, content[1:]), "name", first)
    assert small.push(_file(tmp_path, content), "name", first) is None
    assert bucket.head("name").size == len(content) - 1


def test_a_prefix_sees_nothing_beside_it(bucket: Store) -> None:
    bucket.write("name", b"x")
    above = open_store(bucket.place.rpartition("/")[0])
    beside = open_store(f"{bucket.place}-2")
    assert above.names() == ["prefix/name"]
    assert beside.names() == []
    assert above.objects() == [StoredObject("prefix/name", 1, bucket.objects()[0].version)]


@pytest.mark.parametrize("key", ["a/prefix/../up", "a/prefix//absolute"])
def test_a_name_that_no_file_can_have_is_named(bucket: Store, s3: S3, key: str) -> None:
    where = bucket.place.removeprefix("s3://").partition("/")[0]
    signed = {"Authorization": "AWS id:signature"}
    path = f"/{where}/{key.replace('.', '%2E')}"
    url = httpx.URL(f"{s3.endpoint}/").copy_with(raw_path=path.encode())
    httpx.put(url, content=b"x", headers=signed, timeout=60).raise_for_status()
    with pytest.raises(StoreUnreachableError, match="whose name no file can have") as error:
        bucket.names()
    assert key.rpartition("/")[0] in str(error.value)


def test_a_bucket_that_does_not_exist_is_named(bucket: Store) -> None:
    store = open_store("s3://no-such-bucket/prefix")
    for ask in (store.names, lambda: store.read("name"), lambda: store.create("name", b"x")):
        with pytest.raises(StoreUnreachableError) as error:
            ask()
        assert str(error.value) == "s3://no-such-bucket/prefix: the bucket does not exist"


def test_a_store_that_cannot_be_reached_is_named_and_no_secret_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing of the credentials or the endpoint is in the message or its traceback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        use(monkeypatch, S3(port))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://user:password@127.0.0.1:{port}")
        store = open_store("s3://some-bucket/prefix")
        for ask in (
            store.names, lambda: store.read("name"), lambda: store.create("name", b"x"),
            lambda: store.push(_file(tmp_path, b"x"), "name"),
        ):  # fmt: skip
            with pytest.raises(StoreUnreachableError) as error:
                ask()
            told = str(error.getrepr(style="native"))
            assert "s3://some-bucket/prefix: it cannot be reached" in told
            assert not [one for one in ("tests", "password", str(port)) if one in str(error.value)]
            assert not [one for one in ("id-of", "secret-of", "password") if one in told]
            assert error.value.retry_helps


@pytest.mark.parametrize(
    "place",
    [
        "s3://",
        "s3://b",
        "s3:/bucket/x",
        "gs://bucket/x",
        "s3://bucket?x=1",
        "http://x",
        "s3://bucket/a/../x",
        "s3://bucket/.",
        "s3://bucket/a//x",
        "s3://bucket/a%20x",
        "s3://bucket/ ",
    ],
)
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="a folder or s3://bucket/prefix") as error:
        open_store(place)
    assert "secret" not in str(error.value)
