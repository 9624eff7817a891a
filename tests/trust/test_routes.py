"""Each of the addresses the other tests walk leads somewhere."""

from tests.trust.conftest import boss

# Neither a page nor a redirect on GET, and that is right.
NO_PAGE = {
    "account_theme": 405,
    "operations:save_view": 405,
    "operations:run_playground": 405,
    "operations:run_playground_tool": 405,
    "operations:save_playground": 405,
    "operations:change_playground": 405,
    "llm_chat:change_threads": 405,
    "llm_chat:attach": 405,
    "llm_chat:change_tag": 405,
    "llm_chat:change_prompt": 405,
    "llm_chat:leave_temporary": 405,
    "share:picture": 404,  # the one in the scene was shared without pictures
    "llm_chat:branch": 405,
    "llm_chat:fork": 405,
    "llm_chat:change_settings": 405,
    "llm_chat:change_preset": 405,
    "llm_chat:revoke_link": 405,
    "team_models:try": 405,
    "account_keep_email": 405,
    "account_sign_out_device": 405,
    "account_sign_out_others": 405,
    "mfa_deactivate_totp": 404,  # the administrator has no second step yet
    "mfa_view_recovery_codes": 404,
    "mfa_download_recovery_codes": 404,
    "admin:logout": 405,
    "admin:view_on_site": 404,  # nothing in the admin has a page of its own elsewhere
    "admin:autocomplete": 403,  # answers fields that say what they ask for
    "teams:switch": 405,
    "teams:role": 405,
    "teams:resend": 405,
    "teams:invitation": 403,  # the administrator is not the one it was sent to
    "gallery": 404,  # where debug is on alone
    "gallery_error_page": 404,
}
LEADS_ON = {200, 301, 302}


def test_every_address_leads_somewhere(addresses: dict[str, str]) -> None:
    found = {name: boss().get(address).status_code for name, address in addresses.items()}

    refused = {name: status for name, status in found.items() if status not in LEADS_ON}
    astray = {name: status for name, status in refused.items() if not is_kept_from_all(name, status)}
    assert astray == NO_PAGE


def is_kept_from_all(name: str, status: int) -> bool:
    """Say whether the admin only shows what this would add or delete."""
    return status == 403 and name.startswith("admin:") and name.endswith(("_add", "_delete"))
