"""Loading the demo city: what is refused, and that seed and date decide everything."""

import pytest
from django.core.management import call_command

from compounds.ledger import selectors as ledger
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from oversight.demo.services import DemoRefused, load_demo
from oversight.programme.models import PartVersion, TargetVersion
from scripts import run
from tests.oversight.demo.figures import managed
from tests.support import day, make_compound, person


@pytest.mark.parametrize("seed", [1, 20140101])
def test_other_seeds_tell_the_same_story_of_other_compounds(forgotten, seed):
    scale = 0.12
    with forgotten(seed=seed, scale=scale) as loaded:
        assert managed("2014-12-31") < 302 * 1_000_000 * scale <= managed("2015-05-31")
        assert loaded.entries > 200
        assert verify().findings == []


def test_a_seed_gives_the_same_ledger_again_and_another_seed_another(forgotten):
    hashes = []
    for seed in (7, 7, 8):
        with forgotten(seed=seed, scale=0.03):
            hashes.append(ledger.newest().hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_an_earlier_date_gives_the_beginning_of_the_story(forgotten, settings):
    settings.BUSINESS_DATE = day("2014-09-15")
    with forgotten(scale=0.05):
        early = ledger.newest()
        pending = Compound.objects.count()
    settings.BUSINESS_DATE = None
    with forgotten(scale=0.05) as whole:
        assert ledger.version(early.height).hash == early.hash
        assert whole.entries > early.height
        assert Compound.objects.filter(created_at__lte=early.recorded_at).count() <= pending


def test_an_earlier_date_has_the_papers_of_until_then(forgotten, settings):
    settings.BUSINESS_DATE = day("2014-03-22")
    with forgotten(scale=0.03):
        assert {version.part.division.level for version in PartVersion.objects.all()} == {"county"}
        assert TargetVersion.objects.filter(target="T3-211322").count() == 1


def test_a_date_before_the_register_leaves_nothing_behind(db, settings):
    settings.BUSINESS_DATE = day("2013-12-31")
    with pytest.raises(DemoRefused):
        load_demo(scale=0.03)
    assert not Compound.objects.exists()


def test_a_database_with_compounds_is_refused(reference, capsys):
    make_compound("A")
    with pytest.raises(SystemExit) as stopped:
        call_command("demo", scale=0.03)
    assert stopped.value.code == 1
    assert "DATABASE_URL" in capsys.readouterr().err
    assert list(Compound.objects.values_list("code", flat=True)) == ["A"]


@pytest.mark.parametrize("scale", [0, -1, 0.001, 1000])
def test_a_scale_that_makes_no_city_is_refused(db, scale, capsys):
    with pytest.raises(SystemExit) as stopped:
        call_command("demo", scale=scale)
    assert stopped.value.code == 1
    assert "--scale" in capsys.readouterr().err


def test_make_run_leaves_a_database_alone_in_which_somebody_has_an_account(db):
    assert run.is_empty()
    assert run.demo_logins() == ""
    person("wangfang")
    assert not run.is_empty()
