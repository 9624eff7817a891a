"""The HTTP transport that goes only where `addresses` lets it: for httpx, and for LiteLLM, which takes its clients."""

import ssl

import httpx

from lib.outbound import addresses

MOST_SERVERS = 50
"""Connection pools kept by one transport; each server's is its own, so that none answers in another's name."""


class AddressRefused(httpx.ConnectError):
    """Nothing was sent: the address leads where it must not."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Resolves, checks and pins the address of each request; the name stays in `Host` and in the TLS handshake."""

    def __init__(self, *, verify: ssl.SSLContext | None = None, limits: httpx.Limits | None = None) -> None:
        self._verify = verify or ssl.create_default_context()
        self._limits = limits or httpx.Limits(max_connections=100, max_keepalive_connections=10)
        self._pools: dict[tuple[str, str, int], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        try:
            addresses.check_url(str(url))
            port = url.port or (443 if url.scheme == "https" else 80)
            found = await addresses.resolve(url.host, port)
        except addresses.NotAllowed as error:
            raise AddressRefused(str(error), request=request) from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{url.host} could not be found.", request=request) from error
        pool = self._pool((url.scheme, url.host, port))
        for position, address in enumerate(found, 1):
            request.url = url.copy_with(host=address)
            request.extensions = {**request.extensions, "sni_hostname": url.host}
            try:
                return await pool.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if position == len(found):
                    raise
            finally:
                request.url = url
        raise httpx.ConnectError(f"{url.host} has no address.", request=request)

    async def aclose(self) -> None:
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    def _pool(self, server: tuple[str, str, int]) -> httpx.AsyncHTTPTransport:
        pool = self._pools.pop(server, None)
        if pool is None:
            pool = httpx.AsyncHTTPTransport(verify=self._verify, limits=self._limits, trust_env=False)
        self._pools[server] = pool  # the newest last
        if len(self._pools) > MOST_SERVERS:
            self._pools.pop(next(iter(self._pools)))
        return pool


def client(*, timeout: float | httpx.Timeout) -> httpx.AsyncClient:
    """Return a client that reaches allowed machines only, follows no redirect and takes no proxy from the shell."""
    return httpx.AsyncClient(transport=GuardedTransport(), timeout=timeout, follow_redirects=False, trust_env=False)
