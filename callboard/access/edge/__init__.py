"""What stands between the network and the application: hosts, other origins, rates, far ends.

`core.http_edge.Edge` does the checking of hosts and forged requests; here is what the configuration says.
"""

from callboard.access.edge.addresses import ClientAddress, client_address
from callboard.access.edge.cors import Cors, read_cors
from callboard.access.edge.guessing import GuessingLimited, GuessingSettings, read_guessing
from callboard.access.edge.hosts import allowed_hosts
from callboard.access.edge.rates import RateLimited, Rates, RateSettings, read_rates

__all__ = [
    "ClientAddress",
    "Cors",
    "GuessingLimited",
    "GuessingSettings",
    "RateLimited",
    "RateSettings",
    "Rates",
    "allowed_hosts",
    "client_address",
    "read_cors",
    "read_guessing",
    "read_rates",
]
