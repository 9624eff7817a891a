"""Each of the addresses the other tests walk leads somewhere."""

from tests.trust.conftest import boss

# Neither a page nor a redirect on GET, and that is right.
NO_PAGE = {
    "account_theme": 405,
    "account_sign_out_device": 405,
    "account_sign_out_others": 405,
    "mfa_deactivate_totp": 404,  # the administrator has no second step yet
    "mfa_view_recovery_codes": 404,
    "mfa_download_recovery_codes": 404,
    "admin:logout": 405,
    "admin:view_on_site": 404,  # nothing in the admin has a page of its own elsewhere
    "admin:autocomplete": 403,  # answers fields that say what they ask for
    "admin:django_tasks_database_dbtaskresult_add": 403,
    "admin:django_tasks_database_dbtaskresult_delete": 403,
    "admin:lib_unsentmail_add": 403,
    "admin:llm_service_llmcalllog_add": 403,
    "admin:llm_service_llmcalllog_delete": 403,
    "gallery": 404,  # where debug is on alone
    "gallery_error_page": 404,
}


def test_every_address_leads_somewhere(addresses: dict[str, str]) -> None:
    found = {name: boss().get(address).status_code for name, address in addresses.items()}

    astray = {name: status for name, status in found.items() if status not in {200, 301, 302}}
    assert astray == NO_PAGE
