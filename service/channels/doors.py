"""The address of our doors, for providers that are told with each message where to report."""

from service.flows.providers import Door, ProviderAccount


def door_address(account: ProviderAccount, public_url: str, door: Door = Door.receipts) -> str:
    """Give the address under which an account's provider reaches a door of ours, its secret segment included."""
    segment = f"/{account.callback_secret.decode()}" if account.callback_secret else ""
    return f"{public_url.rstrip('/')}/v1/{door}/{account.name}{segment}"
