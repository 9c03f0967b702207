"""区划变更 carried out, and undone: divisions, relocations, offices and tokens in one transaction, or nothing."""

from collections.abc import Iterable

from auditlog.context import set_actor
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.divisions.choices import SuccessionKind
from communities.divisions.models import Division, FormerName, Succession, SuccessionLine
from communities.people import services as people
from communities.people.models import User
from communities.tokens import services as tokens
from compounds.ledger import services as ledger
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused, refuse
from compounds.ledger.whereabouts import PLACING
from compounds.register.models import Compound
from compounds.successions.moves import Mover, concerned, pending
from compounds.successions.planning import Change, Plan, plan

ATTEMPTS = 10


class _MoreCompounds(Exception):
    """While the lock was waited for, a compound came in that is not locked yet."""


def carry_out(*, change: Change, by: User | None) -> Succession:
    """Carry out a change of divisions: all of it or nothing; sent twice it has the effect of once.

    Raises Refused with every reason; compounds in the way are named with the entry that cannot be applied any more.
    """
    for _attempt in range(ATTEMPTS):
        if done := standing(change.once):
            return done
        try:
            return _carry_out(change, concerned(plan(change)), by)
        except _MoreCompounds:
            continue
    raise refuse("divisions", "", _("Compounds keep coming in while this is carried out; try again after the import."))


def standing(key: str) -> Succession | None:
    """What was carried out under a key and not undone since."""
    return Succession.objects.filter(key=key, undone_at__isnull=True).first()


def _carry_out(change: Change, codes: set[str], by: User | None) -> Succession:
    with ledger.writing(codes) as writer, set_actor(by):
        # Whoever came first has carried it out while we waited for the lock.
        if done := standing(change.once):
            return done
        worked_out = plan(change)
        now_concerned = concerned(worked_out)
        if not now_concerned <= codes:
            raise _MoreCompounds
        succession = Succession.objects.create(
            kind=change.kind, effective_on=change.effective_on, document=change.document,
            document_no=change.document_no, reason=change.reason, key=change.once, recorded_by=by,
        )  # fmt: skip
        _write_divisions(worked_out, succession)
        mover = Mover(worked_out, writer, source_prefix=succession.source_prefix, by=by)
        mover.run(now_concerned)
        _move_pending(mover, succession)
        if mover.problems:
            raise Refused(*mover.problems)
        if writer.entries:
            succession.first_height, succession.last_height = writer.entries[0].height, writer.entries[-1].height
        succession.save(update_fields=["first_height", "last_height", "pending"])
        people.follow_succession(followers=worked_out.followers, on=change.effective_on, by=by)
        tokens.follow_succession(succession=succession, followers=worked_out.followers, by=by)
    return succession


def _write_divisions(worked_out: Plan, succession: Succession) -> None:
    """Old ones end first: their names are free for the new ones."""
    for division in worked_out.ended.values():
        division.save(update_fields=["ended_on"])
    for division in worked_out.new.values():
        division.save()
    if succession.kind == SuccessionKind.RENAME:
        _rename(worked_out.lines[0].after, succession)
    SuccessionLine.objects.bulk_create(
        SuccessionLine(
            succession=succession, from_division=line.before, to_division=line.after, from_name=line.before.name,
            to_name=line.after.name, is_new=line.is_new, ends=line.ends,
        )
        for line in worked_out.lines
    )  # fmt: skip


def _rename(after: Division, succession: Succession) -> None:
    division = Division.objects.get(code=after.code)
    FormerName.objects.create(
        division=division, name=division.name, short_name=division.short_name, until=succession.effective_on,
        succession=succession,
    )  # fmt: skip
    division.name, division.short_name = after.name, after.short_name
    division.save(update_fields=["name", "short_name"])


def _move_pending(mover: Mover, succession: Succession) -> None:
    for compound, before, after in list(mover.move_pending(pending(mover.plan))):
        succession.pending[compound.code] = before
        _place(compound, after)


def _place(compound: Compound, community: str) -> None:
    compound.community_id = community
    compound.save(update_fields=["community", "updated_at"])


def undo(*, succession: Succession, reason: str, by: User | None) -> Succession:
    """Take back a change of divisions: its relocations are reversed, old divisions revive, new ones never were.

    Raises Refused where something has happened in the new divisions since; then a change back is the way.
    """
    if not reason:
        raise refuse("reason", "", _("Say why the change is undone."))
    with ledger.writing(ledger.codes_named_by(_live_heights(succession))) as writer, set_actor(by):
        locked = Succession.objects.select_for_update().get(pk=succession.pk)
        if locked.undone_at:
            return locked
        _check_newest(locked)
        heights = _live_heights(locked)
        for height in sorted(heights, reverse=True):
            writer.reverse(height, details={"reason": reason}, by=by, source=Source.SUCCESSION)
        for compound in Compound.objects.filter(code__in=locked.pending, has_area=False).order_by("code"):
            _place(compound, locked.pending[compound.code])
        lines = list(locked.lines.select_related("from_division", "to_division"))
        new = {line.to_division.code: line.to_division for line in lines if line.is_new}
        _check_unused(new, heights, writer.label)
        for former in locked.former_names.select_related("division"):
            former.division.name, former.division.short_name = former.name, former.short_name
            former.division.save(update_fields=["name", "short_name"])
        locked.former_names.all().delete()
        for division in new.values():
            division.ended_on = division.began_on
            division.save(update_fields=["ended_on"])
        old = {line.from_division.code: line.from_division for line in lines if line.ends}
        for division in old.values():
            _check_name_free(division)
            division.ended_on = None
            division.save(update_fields=["ended_on"])
        back: dict[str, list[str]] = {}
        for line in lines:
            if line.is_new and line.ends:
                back.setdefault(line.to_division_id, []).append(line.from_division_id)
        people.follow_succession(followers=back, on=locked.effective_on, by=by)
        tokens.undo_succession(succession=locked, followers=back, by=by)
        locked.undone_at, locked.undone_by, locked.undone_reason = timezone.now(), by, reason
        locked.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    return locked


def _live_heights(succession: Succession) -> set[int]:
    """Heights of the relocations that the change has recorded, late ones included, as far as they stand."""
    communities = succession.lines.order_by().values("to_division")
    entries = Entry.objects.filter(
        community__in=communities, source_key__startswith=succession.source_prefix, reversed_by__isnull=True
    )
    return set(entries.values_list("height", flat=True))


def _check_newest(succession: Succession) -> None:
    codes = [code for pair in succession.lines.values_list("from_division", "to_division") for code in pair]
    later = (
        SuccessionLine.objects.filter(succession__undone_at__isnull=True, succession__pk__gt=succession.pk)
        .filter(from_division__in=codes)
        .select_related("succession", "from_division")
        .first()
    )
    if later:
        message = _("%(division)s has changed again since (%(change)s); undo that change first.")
        facts = {"division": later.from_division, "change": later.succession}
        raise refuse("succession", succession.pk, message % facts)


def _check_unused(new: Iterable[str], heights: set[int], label) -> None:
    """Nothing may be left in divisions that never were."""
    placed = Entry.objects.filter(kind__in=PLACING, community__in=new, reversed_by__isnull=True)
    since = placed.exclude(height__in=heights).select_related("compound").order_by("height").first()
    if since:
        message = _(
            "Version %(height)s has placed %(compound)s in %(community)s since. Withdraw it first, or record a "
            "change back of these divisions."
        )
        facts = {"height": since.height, "compound": since.compound, "community": label(since.community_id or "")}
        raise refuse("succession", since.height, message % facts)
    left = Compound.objects.filter(community__in=new, has_area=False).order_by("code").first()
    if left:
        message = _("%(compound)s was entered in %(community)s since; change its community first.")
        raise refuse(
            "succession", left.code, message % {"compound": left, "community": label(left.community_id)}
        )  # fmt: skip


def _check_name_free(division: Division) -> None:
    other = Division.objects.living().filter(parent=division.parent_id, name=division.name).first()
    if other:
        message = _("%(name)s cannot revive: %(other)s %(code)s has its name now. Rename that one first.")
        raise refuse(
            "succession", division.code, message % {"name": division.name, "other": other, "code": other.code}
        )  # fmt: skip
