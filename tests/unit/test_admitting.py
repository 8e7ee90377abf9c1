"""Browsers are let in with the token or the linked account, recognised, and shown out."""

import pytest

from earshelf.domain.access import Credential
from earshelf.domain.browser_sessions import BrowserSession, SessionSeal, Way
from earshelf.domain.errors import Forbidden, NotFound, Unauthenticated
from earshelf.domain.usecases.admitting import Admission, Admitting
from earshelf.domain.usecases.authenticating import Authenticating
from tests.unit.companion import ENTER, LINK, MARTA, TOM, Companion, who

TOKEN = Credential.OPERATOR_TOKEN
HOUR, DAY, TRUST_SECONDS = 3600, 86400, 5


def process(companion: Companion, *, key: bytes = b"", fixed: str | None = None) -> Admitting:
    """A process of the installation, which knows nothing yet."""
    house = companion.house
    authenticating = Authenticating(
        storage=house.storage, clock=house.clock, entropy=house.entropy, fixed={TOKEN: fixed} if fixed else {}
    )
    return Admitting(
        storage=house.storage,
        authenticating=authenticating,
        seal=SessionSeal(key),
        clock=house.clock,
        entropy=house.entropy,
    )


async def logged_in(companion: Companion, admitting: Admitting, former: str | None = None) -> Admission:
    token = await companion.house.authenticating.current(TOKEN)
    return await admitting.with_token(token, former=former)


async def approved(companion: Companion) -> str:
    """A browser's PIN that Marta, whose account is linked, has approved."""
    owners = who("browser", ENTER)
    pin = await companion.linking.begin(ENTER, owners[ENTER])
    companion.accounts.approve(pin.id, "tok-browser", MARTA)
    await companion.linking.look(pin.id, owners)
    return pin.id


async def stored(companion: Companion, admission: Admission) -> BrowserSession | None:
    async with companion.storage.unit() as unit:
        return await unit.browser_sessions.get(admission.session.id)


async def test_whoever_knows_the_token_is_let_in_and_recognised_after_a_restart_too() -> None:
    companion = Companion()
    admission = await logged_in(companion, process(companion))
    session = await process(companion).recognise(admission.secret)
    assert session is not None
    assert session.way is Way.TOKEN
    assert len(admission.secret) == 43
    assert admission.secret not in repr(admission) + repr(session)


@pytest.mark.parametrize("wrong", ["", "wrong", "\udcff"])
async def test_a_wrong_token_lets_nobody_in(wrong: str) -> None:
    with pytest.raises(Unauthenticated):
        await process(Companion()).with_token(wrong)


@pytest.mark.parametrize("wrong", ["", "x", "x" * 43, "\udcff" * 43, "ü" * 43, "x" * 10_000])
async def test_what_is_no_session_is_not_recognised(wrong: str) -> None:
    companion = Companion()
    admitting = process(companion)
    admission = await logged_in(companion, admitting)
    assert await admitting.recognise(wrong) is None
    assert await admitting.recognise(admission.session.id) is None


async def test_what_is_stored_opens_nothing() -> None:
    companion = Companion()
    admission = await logged_in(companion, process(companion))
    session = await stored(companion, admission)
    assert session is not None
    assert admission.secret not in (session.id, session.bond)
    for text in (session.id, session.bond):
        assert await process(companion).recognise(text[:43]) is None


async def test_who_leaves_is_out_at_once_here_and_soon_everywhere() -> None:
    companion = Companion()
    here, there = process(companion), process(companion)
    admission = await logged_in(companion, here)
    assert await there.recognise(admission.secret) is not None
    await here.leave(admission.secret)
    assert await here.recognise(admission.secret) is None
    companion.clock.advance(TRUST_SECONDS)
    assert await there.recognise(admission.secret) is None
    await here.leave(admission.secret)


async def test_a_browser_that_logs_in_again_has_one_session() -> None:
    companion = Companion()
    admitting = process(companion)
    first = await logged_in(companion, admitting)
    second = await logged_in(companion, admitting, former=first.secret)
    assert first.secret != second.secret
    assert await admitting.recognise(first.secret) is None
    assert await admitting.recognise(second.secret) is not None


async def test_a_session_that_is_used_lives_for_a_month_and_not_longer() -> None:
    companion = Companion()
    admitting = process(companion)
    admission = await logged_in(companion, admitting)
    for _ in range(5):
        companion.clock.advance(6 * DAY - HOUR)
        assert await admitting.recognise(admission.secret) is not None
    companion.clock.advance(5 * HOUR)
    assert await admitting.recognise(admission.secret) is None


async def test_a_session_that_is_not_used_ends_after_a_week_and_is_forgotten_at_last() -> None:
    companion = Companion()
    admitting = process(companion)
    admission = await logged_in(companion, admitting)
    companion.clock.advance(7 * DAY)
    assert await admitting.recognise(admission.secret) is None
    companion.clock.advance(1)
    await logged_in(companion, admitting)
    assert await stored(companion, admission) is None


async def test_another_token_ends_every_session_there_is() -> None:
    companion = Companion()
    admitting = process(companion)
    await companion.sign_in()
    admissions = [await logged_in(companion, admitting), await admitting.with_sign_in(await approved(companion))]
    await companion.house.authenticating.regenerate(TOKEN)
    companion.clock.advance(TRUST_SECONDS + 1)
    for admission in admissions:
        assert admission is not None
        assert await admitting.recognise(admission.secret) is None
        assert await stored(companion, admission) is None


async def test_another_api_key_ends_no_session() -> None:
    companion = Companion()
    admission = await logged_in(companion, process(companion))
    await companion.house.authenticating.regenerate(Credential.API_KEY)
    assert await process(companion).recognise(admission.secret) is not None


async def test_another_token_of_the_environment_ends_every_session_too() -> None:
    companion = Companion()
    admission = await process(companion, fixed="token-of-monday").with_token("token-of-monday")
    assert await process(companion, fixed="token-of-monday").recognise(admission.secret) is not None
    assert await process(companion, fixed="token-of-tuesday").recognise(admission.secret) is None
    assert await process(companion).recognise(admission.secret) is None


async def test_another_session_key_knows_none_of_the_sessions_of_before() -> None:
    companion = Companion()
    admission = await logged_in(companion, process(companion, key=b"one"))
    assert await process(companion, key=b"one").recognise(admission.secret) is not None
    assert await process(companion, key=b"two").recognise(admission.secret) is None


async def test_a_token_that_was_replaced_while_it_was_shown_begins_nothing_that_lasts() -> None:
    companion = Companion()
    admitting = process(companion)
    old = await companion.house.authenticating.current(TOKEN)
    await admitting.with_token(old)
    await companion.house.authenticating.regenerate(TOKEN)
    late = await admitting.with_token(old)
    companion.clock.advance(TRUST_SECONDS + 1)
    assert await admitting.recognise(late.secret) is None


async def test_the_linked_account_lets_the_browser_in_once() -> None:
    companion = Companion()
    admitting = process(companion)
    await companion.sign_in()
    pin = await approved(companion)
    admission = await admitting.with_sign_in(pin)
    assert admission is not None
    session = await process(companion).recognise(admission.secret)
    assert session is not None
    assert (session.way, session.account_id) == (Way.ACCOUNT, MARTA.account_id)
    assert await admitting.with_sign_in(pin) is None


async def test_a_pin_that_waits_or_links_lets_nobody_in() -> None:
    companion = Companion()
    admitting = process(companion)
    waiting = await companion.linking.begin(ENTER, who("browser", ENTER)[ENTER])
    linking = await companion.linking.begin(LINK, who("mine")[LINK])
    companion.accounts.approve(linking.id, "tok-user", MARTA)
    await companion.linking.look(linking.id, who("mine"))
    assert await admitting.with_sign_in(waiting.id) is None
    assert await admitting.with_sign_in(linking.id) is None
    with pytest.raises(NotFound):
        await admitting.with_sign_in("7")


@pytest.mark.parametrize("successor", [None, TOM])
async def test_an_account_that_is_not_linked_any_more_lets_nobody_in(successor: object) -> None:
    companion = Companion()
    admitting = process(companion)
    await companion.sign_in()
    pin = await approved(companion)
    await companion.linking.unlink()
    if successor is TOM:
        await companion.sign_in(TOM, "tok-tom")
    for _ in range(2):
        with pytest.raises(Forbidden, match="not the linked one"):
            await admitting.with_sign_in(pin)


@pytest.mark.parametrize("is_relinked", [True, False])
async def test_with_the_account_its_sessions_end_and_those_of_the_token_stay(is_relinked: bool) -> None:
    companion = Companion()
    admitting = process(companion)
    await companion.sign_in()
    martas = await admitting.with_sign_in(await approved(companion))
    ours = await logged_in(companion, admitting)
    if is_relinked:
        await companion.sign_in(TOM, "tok-tom")
    else:
        await companion.linking.unlink()
    companion.clock.advance(TRUST_SECONDS)
    assert martas is not None
    assert await admitting.recognise(martas.secret) is None
    assert await admitting.recognise(ours.secret) is not None


async def test_signing_in_again_with_the_same_account_ends_no_session() -> None:
    companion = Companion()
    admitting = process(companion)
    await companion.sign_in()
    martas = await admitting.with_sign_in(await approved(companion))
    await companion.sign_in(MARTA, "tok-fresh")
    companion.clock.advance(TRUST_SECONDS)
    assert martas is not None
    assert await admitting.recognise(martas.secret) is not None
