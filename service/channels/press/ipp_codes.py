"""What a printer's errors mean (RFC 8011, appendix B)."""

from collections.abc import Mapping

from service.core.model import Fate

FATES: Mapping[int, tuple[str, Fate]] = {
    0x0400: ("bad_request", Fate.permanent),
    0x0401: ("forbidden", Fate.provider_unavailable),
    0x0402: ("not_authenticated", Fate.provider_unavailable),
    0x0403: ("not_authorized", Fate.provider_unavailable),
    0x0404: ("not_possible", Fate.provider_unavailable),
    0x0405: ("timed_out", Fate.retryable),
    0x0406: ("no_such_printer", Fate.provider_unavailable),
    0x0407: ("printer_gone", Fate.provider_unavailable),
    0x0408: ("too_large", Fate.permanent),
    0x0409: ("value_too_long", Fate.permanent),
    0x040A: ("format_not_supported", Fate.provider_unavailable),
    0x040B: ("attributes_not_supported", Fate.permanent),
    0x040C: ("scheme_not_supported", Fate.permanent),
    0x040D: ("charset_not_supported", Fate.permanent),
    0x040E: ("conflicting_attributes", Fate.permanent),
    0x040F: ("compression_not_supported", Fate.permanent),
    0x0410: ("compression_error", Fate.permanent),
    0x0411: ("format_error", Fate.permanent),
    0x0412: ("access_error", Fate.permanent),
    # Something went wrong while a job was made or printed: it may be there.
    0x0500: ("internal_error", Fate.ambiguous),
    0x0501: ("operation_not_supported", Fate.provider_unavailable),
    0x0502: ("service_unavailable", Fate.retryable),
    0x0503: ("version_not_supported", Fate.provider_unavailable),
    0x0504: ("device_error", Fate.ambiguous),
    0x0505: ("temporary_error", Fate.retryable),
    0x0506: ("not_accepting_jobs", Fate.provider_unavailable),
    0x0507: ("busy", Fate.throttled_account),
    0x0508: ("job_canceled", Fate.permanent),
    0x0509: ("one_document_a_job", Fate.permanent),
}
"""Every error of RFC 8011, appendix B, by our word for it and what it means for the letter."""
