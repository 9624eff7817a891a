"""One Redis address that the channel layer, the cache and Celery all accept."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def normalised(url: str) -> str:
    """Return `url` ready for redis-py; over TLS the certificate is not verified unless the URL says how.

    Hosted Redis (Heroku's among them) speaks TLS with a self-signed certificate, and redis-py and Celery only share
    the lower-case spelling of `ssl_cert_reqs`.
    """
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return url
    query = dict(parse_qsl(parts.query))
    query["ssl_cert_reqs"] = query.get("ssl_cert_reqs", "none").lower().removeprefix("cert_")
    return urlunsplit(parts._replace(query=urlencode(query)))
