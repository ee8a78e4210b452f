"""The provider kind `cmpp`: an account on an operator's gateway, which may carry what the agreement says."""

from service.channels.adapter import Site
from service.core.model import Channel
from service.flows.providers import ProviderKind, Trust

from .agreements import CmppParams
from .cmpp_speech import CmppSpeech
from .framing import Peer
from .line import Line
from .session import DEFAULT, Times

KIND = ProviderKind(
    "cmpp", frozenset({Channel.sms}), CmppParams, trust=Trust.session, signed=True, countries=frozenset({"CN"})
)


class CmppLine(Line):
    def __init__(self, site: Site, times: Times = DEFAULT) -> None:
        params: CmppParams = site.account.params
        peer = Peer(params.host, params.port, params.tls, params.ca)
        super().__init__(site, CmppSpeech(site.account.name, params), peer, params.window, times)
