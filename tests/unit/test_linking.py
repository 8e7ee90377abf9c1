"""Signing in: a PIN is its maker's, the provider is asked from here, and the token stays here."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from earshelf.domain.accounts import SignInState, TokenState
from earshelf.domain.errors import IntegrationKind, NotFound, TimedOut, Unreachable
from earshelf.domain.usecases.diagnosing import Severity
from tests.unit.companion import ENTER, LINK, MARTA, TOM, Companion, draft, listed, who

AWAY = Unreachable(IntegrationKind.SERVER, "plex.tv", "no connection")


async def test_an_approved_pin_links_the_account_and_keeps_the_token_here() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.PENDING
    companion.accounts.approve(pin.id, "tok-user", MARTA)
    companion.clock.advance(2)
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.APPROVED
    account = await companion.account()
    assert (account.holder, account.token, account.token_state) == (MARTA, "tok-user", TokenState.VALID)


async def test_somebody_elses_pin_is_not_there_and_the_provider_is_not_asked_for_it() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    for owners in (who("other"), who("mine", ENTER), {}):
        with pytest.raises(NotFound):
            await companion.linking.look(pin.id, owners)
    assert companion.accounts.asked == []


async def test_a_page_that_asks_all_the_time_does_not_make_us_ask_all_the_time() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    for _ in range(40):
        await companion.linking.look(pin.id, who("mine"))
        companion.clock.advance(0.5)
    assert len(companion.accounts.asked) == 10


async def test_the_house_asks_by_itself_and_stops_once_nothing_is_left_to_ask() -> None:
    companion = Companion()
    watching = asyncio.create_task(companion.linking.watch())
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    for _ in range(6):
        await companion.clock.until_sleeping()
        companion.clock.advance(1)
        await companion.accounts.until_asked()
    companion.accounts.approve(pin.id, "tok-user", MARTA)
    while (await companion.linking.look(pin.id, who("mine"))).state is SignInState.PENDING:
        await companion.clock.until_sleeping()
        companion.clock.advance(1)
    asked = len(companion.accounts.asked)
    assert asked < 8
    companion.clock.advance(600)
    await asyncio.sleep(0)
    assert len(companion.accounts.asked) == asked
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_a_pin_of_before_a_restart_is_still_asked_after() -> None:
    before = Companion()
    pin = await before.linking.begin(LINK, who("mine")[LINK])
    after = Companion(before)
    after.accounts.approve(pin.id, "tok-user", MARTA)
    assert await after.linking.poll() == 0
    assert (await after.linking.look(pin.id, who("mine"))).state is SignInState.APPROVED


async def test_a_pin_that_the_provider_does_not_know_any_more_is_over() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    companion.accounts.expire(pin.id)
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.EXPIRED


async def test_a_pin_whose_time_is_over_is_not_asked_after_and_at_last_forgotten() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    companion.clock.advance(1800)
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.EXPIRED
    assert companion.accounts.asked == []
    companion.clock.advance(2 * 3600)
    await companion.linking.begin(LINK, who("mine")[LINK])
    with pytest.raises(NotFound):
        await companion.linking.look(pin.id, who("mine"))


@pytest.mark.parametrize("trouble", [AWAY, TimedOut(IntegrationKind.SERVER, "plex.tv", "no answer")])
async def test_an_outage_ends_no_sign_in(trouble: Unreachable) -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    companion.accounts.approve(pin.id, "tok-user", MARTA)
    companion.accounts.trouble = trouble
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.PENDING
    companion.accounts.trouble = None
    companion.clock.advance(5)
    assert (await companion.linking.look(pin.id, who("mine"))).state is SignInState.APPROVED


async def test_a_door_opens_for_the_linked_account_only_and_a_strangers_token_is_given_back() -> None:
    companion = Companion()
    await companion.sign_in()
    for holder, state in ((TOM, SignInState.REFUSED), (MARTA, SignInState.APPROVED)):
        owners = who("browser", ENTER)
        pin = await companion.linking.begin(ENTER, owners[ENTER])
        companion.accounts.approve(pin.id, f"tok-{holder.username}", holder)
        assert (await companion.linking.look(pin.id, owners)).state is state
    assert (await companion.account()).holder == MARTA
    assert "tok-tom" not in companion.accounts.holders


async def test_nobody_gets_in_before_somebody_is_linked() -> None:
    companion = Companion()
    owners = who("browser", ENTER)
    pin = await companion.linking.begin(ENTER, owners[ENTER])
    companion.accounts.approve(pin.id, "tok-tom", TOM)
    assert (await companion.linking.look(pin.id, owners)).state is SignInState.REFUSED
    assert await companion.linking.account() is None


async def test_two_that_look_at_once_ask_once_and_link_once() -> None:
    companion = Companion()
    pin = await companion.linking.begin(LINK, who("mine")[LINK])
    companion.accounts.approve(pin.id, "tok-user", MARTA)
    await asyncio.gather(*(companion.linking.look(pin.id, who("mine")) for _ in range(5)))
    assert companion.accounts.asked == [pin.id]
    assert (await companion.account()).version == 2


async def test_the_installation_has_one_name_for_its_whole_life() -> None:
    companion = Companion()
    await companion.sign_in()
    await companion.linking.unlink()
    await Companion(companion).sign_in(TOM, "tok-tom")
    assert companion.accounts.clients == {(await companion.account()).client_id}


async def test_a_revoked_token_and_a_silent_provider_are_told_apart() -> None:
    companion = Companion()
    await companion.sign_in()
    for trouble, holders, state in (
        (None, {"tok-user": MARTA}, TokenState.VALID),
        (AWAY, {"tok-user": MARTA}, TokenState.UNREACHABLE),
        (None, {"tok-user": MARTA}, TokenState.VALID),
        (None, {}, TokenState.REVOKED),
        (AWAY, {}, TokenState.REVOKED),
    ):
        companion.accounts.trouble, companion.accounts.holders = trouble, holders
        account = await companion.linking.account()
        assert account is not None
        assert account.token_state is state
        assert account.holder == MARTA


async def test_signing_in_again_renews_the_tokens_of_servers_that_lost_theirs_and_keeps_every_server() -> None:
    companion = Companion()
    await companion.sign_in()
    machine = companion.clients.put("http://192.168.10.4:32400", "machine-1")
    other = companion.clients.put("http://other:32400", "machine-2", tokens=["tok-other"])
    ours = (await companion.connecting.add(draft())).server
    await companion.connecting.add(draft(name="Other", url="http://other:32400", token="tok-other"))
    machine.tokens, companion.accounts.owned["tok-new"] = {"tok-fresh"}, [listed(token="tok-fresh")]
    await companion.sign_in(token="tok-new")
    first, second = await companion.connecting.all()
    assert (first.id, first.token, first.token_state) == (ours.id, "tok-fresh", TokenState.VALID)
    assert (second.token, second.token_state) == ("tok-other", TokenState.VALID)
    assert "tok-fresh" not in other.shown


async def test_unlinking_forgets_the_token_tells_the_provider_and_keeps_the_servers() -> None:
    companion = Companion()
    assert not await companion.linking.unlink()
    await companion.sign_in()
    companion.clients.put("http://192.168.10.4:32400", "machine-1")
    await companion.connecting.add(draft())
    assert await companion.linking.unlink()
    assert await companion.linking.account() is None
    assert companion.accounts.holders == {}
    assert len(await companion.connecting.all()) == 1


async def test_unlinking_works_while_the_provider_is_away() -> None:
    companion = Companion()
    await companion.sign_in()
    companion.accounts.trouble = AWAY
    assert await companion.linking.unlink()
    assert (await companion.account()).token == ""


async def test_tokens_are_looked_at_once_a_day_and_sooner_where_nobody_answered() -> None:
    companion = Companion()
    await companion.sign_in()
    machine = companion.clients.put("http://192.168.10.4:32400", "machine-1")
    await companion.connecting.add(draft())
    shown = len(machine.shown)
    await companion.linking.look_after_tokens()
    assert len(machine.shown) == shown
    companion.clock.advance(timedelta(days=1).total_seconds())
    machine.trouble = AWAY
    await companion.linking.look_after_tokens()
    assert (await companion.connecting.all())[0].token_state is TokenState.UNREACHABLE
    machine.trouble = None
    companion.clock.advance(900)
    await companion.linking.look_after_tokens()
    assert (await companion.connecting.all())[0].token_state is TokenState.VALID


async def test_a_revoked_token_is_among_what_is_wrong_with_the_house() -> None:
    companion = Companion()
    await companion.sign_in()
    machine = companion.clients.put("http://192.168.10.4:32400", "machine-1")
    server = (await companion.connecting.add(draft())).server
    machine.tokens = set()
    await companion.connecting.test_stored(server.id)
    told = {one.subject: one for one in await companion.house.diagnosing.findings()}
    assert told["Plex account"].severity is Severity.OK
    assert told["media server 'Attic'"].severity is Severity.ERROR
    assert "sign in with Plex again" in told["media server 'Attic'"].message
