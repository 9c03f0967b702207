"""``compounds/`` and ``compounds/<code>/``: the register with figures at a date, a version and by a counting rule."""

from django.db.models import QuerySet
from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.parameters import Parameter, one_of, words
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.api.views import ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.problems import BadQuestion, Problem
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.asking import DIVISION, check_code
from compounds.ledger.choices import Category, Mode
from compounds.ledger.moment import MOMENT, AtMoment
from compounds.register import listing, presenters, serializers
from compounds.register.choices import Cover, Gap, Status
from compounds.register.counting import RULE, Counting, counting_rule
from compounds.register.filters import CompoundFilter
from compounds.register.models import Compound

#: Query parameter → name in the register's filters, which pages and exports use, too.
FILTERS = {
    "division": "division", "category": "category", "mode": "mode", "status": "status", "unmanaged": "unmanaged",
    "search": "q", "cover": "cover", "provider": "provider", "area_from": "area_from", "area_to": "area_to",
    "built_from": "built_from", "built_to": "built_to", "undetermined": "undetermined", "pending": "pending",
    "gap": "gap", "waiting": "waiting", "unplanned": "unplanned",
}  # fmt: skip
TRUE_FALSE = ("true", "false")
#: The compound in a path.
CODE = {"description": "Code of the compound. 小区编号", "schema": {"type": "string"}, "example": "211302001003001"}


class ByRule(AtMoment):
    """At a date and a version, by a counting rule."""

    @cached_property
    def counting(self) -> Counting:
        return counting_rule(self.asked["rule"], self.as_of)

    @property
    def heading(self) -> dict:
        """What the figures of an answer are about."""
        return {"as_of": self.as_of, "rule": self.counting.code, "height": self.height}


class Compounds(ByRule, ListEndpoint):
    """Compounds within the reader's scope, by code, with what they hold there at the date and version asked for."""

    action = "register.read"
    summary = "List compounds 小区台账"
    result, result_more, example = serializers.CompoundRow, serializers.CompoundsMore, serializers.EXAMPLE
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter("category", "Only with area of this category. 小区类别", "abandoned", words(Category)),
        Parameter("mode", "Only with area under this mode (of this category). 管理模式", "none", words(Mode)),
        Parameter("status", "Only with this status. 状态", "active", words(Status)),
        Parameter("unmanaged", "`true`: only with unmanaged area. 仅看未管", "true", words(TRUE_FALSE)),
        Parameter("unplanned", "`true`: only unmanaged and in no plan. 未管且无计划", "true", words(TRUE_FALSE)),
        Parameter("cover", "Only so far managed. 管理状态", "partly", words(Cover)),
        Parameter("provider", "Part of the provider's name. 物业服务单位", serializers.DETAIL_EXAMPLE["provider"]),
        Parameter("area_from", "Only with at least this area in ㎡. 面积下限", "1000"),
        Parameter("area_to", "Only with at most this area in ㎡. 面积上限", "100000"),
        Parameter("built_from", "Only built in this year or later. 建成年份起", "1990"),
        Parameter("built_to", "Only built in this year or before. 建成年份止", "2010"),
        Parameter("undetermined", "`true`: only with a category to be determined. 待认定", "true", words(TRUE_FALSE)),
        Parameter("pending", "`true`: only those whose area is pending. 面积待核", "true", words(TRUE_FALSE)),
        Parameter("gap", "Only with area that is unmanaged for this reason. 缺口构成", "lapsed", words(Gap)),
        Parameter("waiting", "`true`: only with a takeover that waits. 接管待审批", "true", words(TRUE_FALSE)),
        Parameter("search", "Part of the name, a former name, the code, or pinyin initials. 搜索", "jy"),
    )  # fmt: skip
    columns = (
        "code", "name", "community.code", "community.name", "status", "area_m2", "managed_m2", "unmanaged_m2",
        "households",
    )  # fmt: skip

    @cached_property
    def chosen(self) -> QuerySet[Compound]:
        """What the filters leave of all compounds."""
        everything = Compound.objects.all()
        check_code(self.asked["division"], user=self.request.user)
        words_of = {"category": Category, "mode": Mode, "status": Status, "cover": Cover, "gap": Gap}
        for name, values in words_of.items():
            one_of(name, self.asked[name], values.values)
        for name in CompoundFilter.CHECKS:
            one_of(name, self.asked[name], TRUE_FALSE)
        given = {FILTERS[name]: self.asked[name] for name in FILTERS if self.asked[name]}
        if not given:
            return everything
        filters = CompoundFilter(given, queryset=everything, request=self.request, **self.moment)
        if filters.is_valid():
            return filters.qs
        if "division" in filters.form.errors:
            raise NotFound("division", self.asked["division"])
        raise BadQuestion([
            Problem(name, self.asked[name], " ".join(filters.form.errors[FILTERS[name]]))
            for name in FILTERS
            if FILTERS[name] in filters.form.errors
        ])  # fmt: skip

    @cached_property
    def within(self) -> Scope:
        """Where the area lies that rows are about: the division asked for, else all that the reader sees."""
        return Scope.of([self.asked["division"]]) if self.asked["division"] else self.request.user.scope

    def rows(self, after, limit):
        parts = self.chosen.visible_parts(self.request.user)
        return listing.page(
            parts, after=after, limit=limit, scope=self.within, modes=self.counting.modes, **self.moment
        )

    def key(self, row):
        return row["code"]

    def more(self, rows):
        return self.heading


class OneCompound(ByRule, ObjectEndpoint):
    """One compound: its facts without personal data, its pockets and its provider at the date and version asked for."""

    action = "register.read"
    summary = "One compound 小区"
    result, example = serializers.CompoundDetail, serializers.DETAIL_EXAMPLE
    path_parameters = {"code": CODE}
    parameters = (*MOMENT, RULE)

    @cached_property
    def compound(self) -> Compound:
        seen = Compound.objects.visible_to(self.request.user).select_related("community", "merged_into")
        compound = seen.filter(code=self.kwargs["code"]).first()
        if compound is None:
            raise NotFound("code", self.kwargs["code"])
        return compound

    def data(self):
        return self.heading | presenters.compound(
            self.compound, user=self.request.user, modes=self.counting.modes, **self.moment
        )

    def table(self, data):
        return Table(presenters.COMPOUND_COLUMNS, [flat(data, presenters.COMPOUND_COLUMNS)])


urlpatterns = [
    re_path(r"^compounds/?$", Compounds.as_view(), name="compounds"),
    re_path(r"^compounds/(?P<code>[^/]+)/?$", OneCompound.as_view(), name="compound"),
]
