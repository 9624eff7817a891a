"""Say that something happened, from any thread of any process. Callers in a transaction do it on commit."""

from pydantic import BaseModel

from realtime import hub, relay


def publish(topic: str, event: BaseModel) -> None:
    """Bring an event to every socket that watches `topic`."""
    packet = hub.packed(event)
    server = hub.of_this_process()
    if server is None:
        relay.send_from_outside([relay.as_item(topic, packet)])
    else:
        server.loop.call_soon_threadsafe(server.publish, topic, packet)


def wake(name: str) -> None:
    """Have the service `name` look for work: in this process if it is a server, else in all that are."""
    if not hub.call_in_loop(lambda: relay.orders["wake"](name)):
        relay.send_from_outside([["order", "wake", name]])


def order(name: str, argument: str) -> None:
    """Give an order to every server process, this one included."""

    def give() -> None:
        relay.orders[name](argument)
        outlet = relay.relay_of(hub.of_this_process())
        if outlet:
            outlet.order(name, argument)

    if not hub.call_in_loop(give):
        relay.send_from_outside([["order", name, argument]])


def recheck(user_id: int) -> None:
    """Have every socket of a person, in all processes, look again at its sign-in and at the threads it watches.

    Call it on commit of whatever takes something away: a session, an account, a membership. A socket whose session has
    ended closes with 4401; one that may not see a thread any more is told that it is gone.
    """
    order("recheck", str(user_id))
