"""The provider kind `smpp`: an account on a message centre that speaks SMPP 3.4."""

from service.channels.adapter import Site
from service.core.model import Channel
from service.flows.providers import ProviderKind, Trust

from .agreements import SmppParams
from .framing import Peer
from .line import Line
from .session import DEFAULT, Times
from .smpp_speech import SmppSpeech

KIND = ProviderKind("smpp", frozenset({Channel.sms}), SmppParams, trust=Trust.session, signed=True)


class SmppLine(Line):
    def __init__(self, site: Site, times: Times = DEFAULT) -> None:
        params: SmppParams = site.account.params
        peer = Peer(params.host, params.port, params.tls, params.ca)
        super().__init__(site, SmppSpeech(site.account.name, params), peer, params.window, times)
