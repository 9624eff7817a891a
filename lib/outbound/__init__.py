"""HTTP to addresses that people of this site name: model servers, webhooks. Nothing else calls such an address.

`addresses` says which machines may be reached, `guard` is the transport that holds to it, `sending` sends one request
within bounds. Only `addresses` is cheap to import.
"""
