from .front import Web, request_body

PATH = "/v1/contact-requests"


async def test_a_request_allowed_now_is_queued_with_its_decision(web: Web) -> None:
    answer = await web.post(PATH, request_body())

    said = answer.json()
    assert (202, "queued", "2026-11-23T10:00:00+08:00") == (answer.status_code, said["state"], said["send_at"])
    assert ("allow", True) == (said["decision"]["effect"], said["simulated"])
    assert 1 == web.woken
