"""Who is told when a run goes wrong: automations on the Prefect server, and where they send to."""

import logging
import sys
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import yaml
from apprise import Apprise
from prefect.blocks.notifications import SlackWebhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from pydantic import SecretStr

from flows.deploy_files import deploy_files
from flows.settings import SettingsError, settings

BLOCK = "mptf-alerts"  # of Prefect's type for Slack, which sends to any Apprise URL
NOBODY = "Nobody is told: set alert_url (docs/schedule.md)."
_REPLACED = frozenset({"mptf: a run failed, crashed or is incomplete"})  # by automations of today
_MOST = 200  # automations on one page of the API


def set_up_alerts(alert_url: SecretStr | None) -> str:
    """Create or update the notification block and every automation of `deploy/automations.yaml`.

    It may be called again: automations are known by their names, and one that is paused stays
    paused. Without a URL, the block of an earlier call is used; if there is none, nobody is told.

    Args:
        alert_url: a webhook, or an Apprise URL of any service; it is stored as a secret.

    Returns:
        Who is told of what, in a line.

    Raises:
        SettingsError: the URL is neither.
    """
    url = checked_alert_url(alert_url)
    if url is not None:
        SlackWebhook(url=url, notify_type="failure").save(BLOCK, overwrite=True)
    with get_client(sync_client=True) as client:
        block_id = _block_id(client)
        for automation in automations(block_id):
            _create_or_update(client, automation)
        for automation in _named(client, _REPLACED):
            client.delete_automation(automation.id)
    if block_id is None:
        return "nobody is told of failed runs: set alert_url (docs/schedule.md)"
    return f"failed, late and crashed runs are sent on, by Prefect's block {BLOCK}"


def checked_alert_url(alert_url: SecretStr | None) -> SecretStr | None:
    """Return the Apprise URL of the setting; None if it is not set.

    Raises:
        SettingsError: it is neither a webhook nor an Apprise URL.
    """
    if alert_url is None or not alert_url.get_secret_value():
        return None
    return SecretStr(notification_url(alert_url.get_secret_value()))


def notification_url(url: str) -> str:
    """Return the Apprise URL for a webhook or an Apprise URL.

    Apprise knows the webhooks of many services; any other is sent JSON.

    Raises:
        SettingsError: it is neither.
    """
    if not _is_known(url):
        url = _as_json(url)
    if not _is_known(url):
        raise SettingsError(
            "setting 'alert_url' (MPTF_ALERT_URL or mptf.toml): neither a webhook (https://...) nor"
            " an Apprise URL, such as mailtos://user:password@example.org"
        )
    return url


def _as_json(url: str) -> str:
    """Return the Apprise URL that posts JSON to a webhook; a URL that is none as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as https://[
        return url
    if parts.scheme not in {"http", "https"}:
        return url
    query = urlencode([(f"-{name}", value) for name, value in parse_qsl(parts.query)])
    return parts._replace(scheme=parts.scheme.replace("http", "json"), query=query).geturl()


def _is_known(url: str) -> bool:
    """Return whether Apprise can send to a URL. Its log, which would hold the URL, is silent."""
    log = logging.getLogger("apprise")
    before, log.disabled = log.disabled, True
    try:
        return bool(Apprise.instantiate(url, suppress_exceptions=True))
    finally:
        log.disabled = before


def automations(block_id: Any) -> list[AutomationCore]:
    """Return the automations; those without an action of their own send to a block, if any."""
    text = deploy_files()["deploy/automations.yaml"].read_text(encoding="utf-8")
    found = []
    for entry in yaml.safe_load(text)["automations"]:
        automation = AutomationCore.model_validate(entry)
        if all(isinstance(action, DoNothing) for action in automation.actions):
            if block_id is None:
                automation.description = f"{automation.description} {NOBODY}"
            else:
                automation.actions = [_message(automation, block_id)]
        found.append(automation)
    return found


def _message(automation: AutomationCore, block_id: Any) -> SendNotification:
    """Return the action that says what happened, in which run, why, and where to look.

    A run that ended before its report has a name of Prefect's, such as `cream-dormouse`, which
    does not say what it was.
    """
    base_url = get_current_settings().ui_url
    return SendNotification(
        block_document_id=block_id,
        subject=automation.name + ": {{ flow_run.name if flow_run.name.startswith(flow.name)"
        " else flow.name ~ ' ' ~ flow_run.name }}",
        body="{{ flow_run.state.message }}\n"
        f"{automation.description}\n{base_url}/runs/flow-run/{{{{ flow_run.id }}}}",
    )


def _block_id(client: SyncPrefectClient) -> Any:
    """Return the ID of the notification block; None if there is none."""
    slug = SlackWebhook.get_block_type_slug()
    try:
        return client.read_block_document_by_name(BLOCK, slug, include_secrets=False).id
    except ObjectNotFound:
        return None


def _create_or_update(client: SyncPrefectClient, wanted: AutomationCore) -> None:
    """Have one automation of this name, as wanted; the first one stays."""
    found = _named(client, {wanted.name})
    if not found:
        client.create_automation(wanted)
        return
    same, *others = found
    for other in others:
        client.delete_automation(other.id)
    wanted.enabled = same.enabled
    if _core(same) != _core(wanted):
        client.update_automation(same.id, AutomationCore.model_validate(_core(wanted)))


def _core(automation: AutomationCore) -> dict[str, Any]:
    """Return what an update may change."""
    return automation.model_dump(include=set(AutomationCore.model_fields) - {"owner_resource"})


def _named(client: SyncPrefectClient, names: set[str] | frozenset[str]) -> list[Automation]:
    found = client.read_automations(limit=_MOST)
    return [automation for automation in found if automation.name in names]


if __name__ == "__main__":
    sys.stdout.write(set_up_alerts(settings(None).alert_url) + "\n")
