import pytest

from chaoyang_pm.kit.logs.masking import masked, masked_traceback


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Key (username)=(wangfang) already exists.", "wangfang"),
        ("no row for 王芳 in 双塔区", "王芳"),
        ("call 13842112345 back", "13842112345"),
        ("call 0421-2812345", "2812345"),
        ("GET /accounts/reset/MQ/cx1k2j-0f8e7d6c5b4a39281706f5e4d3c2b1a0/", "cx1k2j"),
        ("compounds/?q=jinyuan&page=2", "jinyuan"),
        ("invalid literal for int() with base 10: 'jinyuan'", "jinyuan"),
        ('no such user "wangfang"', "wangfang"),
        ("token 3b9c0f6c2a1e4d5f8a7b6c5d4e3f2a1b is used", "3b9c0f6c"),
        ("mail to wang.fang@example.cn failed", "wang.fang"),
        ("identity 211302197001011234", "1970"),
    ],
)
def test_what_could_be_somebodys_is_masked(text, secret):
    assert secret not in masked(text)
    assert masked(text)


@pytest.mark.parametrize(
    "text",
    ["Job 0f8e7d6c-5b4a-4928-9706-f5e4d3c2b1a0 ended with an error", "3 of 15 rows", "worker ended after 60.5 s"],
)
def test_what_is_nobodys_stays(text):
    assert masked(text) == text


def test_a_traceback_keeps_its_places():
    try:
        raise ValueError("王芳's 'telephone' is 13842112345")
    except ValueError:
        import traceback

        text = masked_traceback(traceback.format_exc())
    assert __file__ in text
    assert "test_a_traceback_keeps_its_places" in text
    assert "ValueError" in text
    assert not any(secret in text.splitlines()[-1] for secret in ("王芳", "telephone", "13842112345"))
