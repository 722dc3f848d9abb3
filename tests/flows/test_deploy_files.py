"""The files that `mptf deploy-files` writes."""

from pathlib import Path

from tests.command import run_mptf
from tests.flows.pages import ROOT


def test_a_folder_gets_every_file_that_the_checkout_has(tmp_path: Path) -> None:
    """Below the same names, so the documented commands work in both."""
    written = run_mptf(tmp_path, "deploy-files", tmp_path / "site").stdout.splitlines()
    names = sorted(str(Path(name).relative_to(tmp_path / "site")) for name in written)
    assert names == sorted(
        ["prefect.yaml", "prefect.docker.yaml", "requirements.lock"]
        + [f"deploy/{file.name}" for file in (ROOT / "deploy").iterdir()]
    )
    for name in names:
        assert (tmp_path / "site" / name).read_bytes() == (ROOT / name).read_bytes()


def test_a_file_that_was_changed_is_replaced_only_on_demand(tmp_path: Path) -> None:
    """Writing again changes nothing; without `--force` no file is written at all."""
    run_mptf(tmp_path, "deploy-files", tmp_path)
    again = run_mptf(tmp_path, "deploy-files", tmp_path)
    assert (again.exit_code, again.stdout) == (0, "")
    changed, missing = tmp_path / "prefect.yaml", tmp_path / "deploy" / "compose.yaml"
    changed.write_text("name: mine\n")
    missing.unlink()
    refused = run_mptf(tmp_path, "deploy-files", tmp_path)
    assert refused.exit_code == 1
    assert f"{changed}; --force" in refused.stderr
    assert changed.read_text() == "name: mine\n"
    assert not missing.exists()
    forced = run_mptf(tmp_path, "deploy-files", tmp_path, "--force")
    assert forced.stdout.splitlines() == [str(missing), str(changed)]
    assert changed.read_bytes() == (ROOT / "prefect.yaml").read_bytes()
