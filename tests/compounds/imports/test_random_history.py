"""A random city kept in workbooks: accepted rows and every figure equal the independent model."""

import datetime
import itertools
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files, Row, counts, ran
from tests.compounds.ledger.test_histories import (
    check_everything,
    check_figures,
    check_movements,
    check_register,
    check_same_kinds_stored,
)
from tests.model.histories import KINDS, START, Stage, Step, proposal
from tests.model.replay_model import MANAGED, OPEN, Event, Impossible, Model, Part, register_modes
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU

COMMUNITIES = [JINYUAN, QIANJIN, HAIHE, XINLIU]
DATES = tuple(START + datetime.timedelta(days=11 * number) for number in range(60))
#: Events as often as workbooks bring them; registrations come by the register.
DRAWN = [kind for kind in KINDS if kind != "register"] + ["register"]
KIND_WORDS = {
    "register": ("新增登记", "register"), "takeover": ("接管", "takeover"), "mode_change": ("变更管理方式",
    "管理模式变更"),
    "provider_change": ("更换物业服务单位", "换物业"), "lapse": ("撤管", "失管"), "reclassify": ("改类", "类别调整"),
    "resurvey": ("面积核定", "resurvey"), "relocate": ("归属调整", "区划调整"), "merge": ("合并", "并入"),
    "split": ("拆分", "split"), "deregister": ("注销", "拆除"), "reversal": ("更正", "冲正"),
}  # fmt: skip
CATEGORY_WORDS = {
    "abandoned": ("弃管", "abandoned"), "renovated": ("老旧已改造", "已改造"), "unserved": ("未实施物业管理",
    "unserved"),
    "undetermined": ("类别待认定", "undetermined"), "established": ("原已管", "established"), "new_build": ("新建",
    "new_build"),
}  # fmt: skip
MODE_WORDS = {
    "none": ("未管", "none"), "professional": ("专业物业", "物业公司"), "manager": ("经理人", "manager"),
    "owners": ("业委会自管", "业主自管"), "self_help": ("自助", "业主自筹物业"), "community": ("社区代管", "社区接管"),
}  # fmt: skip
#: Rows that no ledger could take: nothing of them reaches the model.
NONSENSE = (
    {"发生日期": "2031-01-01"}, {"面积(㎡)": "若干"}, {"变更类型": "搬家"}, {"小区编号": "没有这个编号"},
     {"发生日期": "2014.13"},
)  # fmt: skip


class Clerk:
    """Writes events as rows, now in one style and now in another."""

    def __init__(self, chance: random.Random, model: Model):
        self.chance, self.model, self.number = chance, model, 0

    def word(self, words: dict[str, tuple[str, str]], code: str) -> str | None:
        return self.chance.choice(words[code]) if code else None

    def area(self, area: int | None) -> Any:
        if area is None:
            return self.chance.choice([None, "-"])
        exact = f"{'-' if area < 0 else ''}{abs(area) // 100}.{abs(area) % 100:02}"
        styles: list[Any] = [exact, f"{exact}㎡", float(exact)]
        if area % 10_000 == 0:
            styles.append(f"{area // 10_000 / 100}万㎡")
        return self.chance.choice(styles)

    def date(self, on: datetime.date) -> Any:
        return self.chance.choice(
            [on, on.isoformat(), f"{on.year}年{on.month}月{on.day}日", f"{on:%Y.%m.%d}", f"{on:%Y%m%d}"]
        )

    def rows(self, event: Event) -> list[Row]:
        self.number += 1
        row: Row = {
            "变更类型": self.word(KIND_WORDS, event.kind), "发生日期": self.date(event.on), "依据名称": "认定单",
            "依据文号": f"{self.number}号",
        }  # fmt: skip
        lies_in = self.model.world(event.on).lies_in.get(event.compound)
        if lies_in and self.chance.random() < 0.4:
            row |= {"社区": lies_in, "小区名称": Compound.objects.get(code=event.compound).name}
        else:
            row["小区编号"] = event.compound
        if event.kind == "split":
            return [
                row | {"目标小区": part.compound, **self.pocket(part.category, part.mode), **self.quantities(part)}
                for part in event.parts
            ]
        row |= self.quantities(event)
        match event.kind:
            case "register":
                row |= {
                    "小区类别": self.word(CATEGORY_WORDS, event.category),
                    "新管理模式": self.word(MODE_WORDS, event.mode_to),
                }
            case "takeover" | "mode_change" | "lapse" | "resurvey":
                row |= self.pocket(event.category, event.mode_from) | {
                    "新管理模式": self.word(MODE_WORDS, event.mode_to)
                }
            case "reclassify":
                row |= self.pocket(event.category, event.mode_from) | {
                    "新类别": self.word(CATEGORY_WORDS, event.new_category)
                }
            case "relocate":
                row["新社区"] = event.community
            case "merge":
                row["目标小区"] = event.target
            case "provider_change":
                row |= {"原物业服务单位": "甲物业", "新物业服务单位": "乙物业"}
            case "reversal":
                row["原数据版次"] = event.reverses
        return [row]

    def pocket(self, category: str, mode: str) -> Row:
        return {"小区类别": self.word(CATEGORY_WORDS, category), "原管理模式": self.word(MODE_WORDS, mode)}

    def quantities(self, of: Event | Part) -> Row:
        return {"面积(㎡)": self.area(of.area), "户数": of.households}


class City:
    """The same history in the portal, by workbooks, and in the model."""

    def __init__(self, files: Files, seed: int):
        self.files, self.chance, self.model = files, random.Random(seed), Model()
        self.clerk = Clerk(self.chance, self.model)
        self.homes = {f"小{number:03}": COMMUNITIES[number % 4] for number in range(60)}
        self.spare = [f"待{number:03}" for number in range(12)]  # in the register, their area pending
        self.grown: list[str] = []
        self.seen: Counter[str] = Counter()
        self.posted: list[tuple[Any, list[tuple[int, int]]]] = []  # by file: (rows, height) of what was accepted

    def open(self) -> None:
        rows, events = [], []
        for number, (code, community) in enumerate(self.homes.items()):
            category = self.chance.choice([*OPEN, *OPEN, "established", "new_build"])
            area, households = self.chance.randint(5_000_000, 50_000_000), self.chance.randint(10, 900)
            on, takeover = DATES[number % 7], category in OPEN and self.chance.random() < 0.3
            mode = self.chance.choice(MANAGED) if takeover else self.chance.choice(register_modes(category))
            rows.append(
                {
                    "小区编号": code, "小区名称": code, "社区": community, "小区类别": self.clerk.word(CATEGORY_WORDS,
                    category),
                    "建筑面积(㎡)": self.clerk.area(area), "户数": households, "管理模式": self.clerk.word(MODE_WORDS,
                    mode),
                    "登记日期": self.clerk.date(on), "接管日期": self.clerk.date(DATES[8]) if takeover else None,
                }
            )  # fmt: skip
            registered = Event(
                "register", on, code, community=community, category=category, mode_to="none" if takeover else mode,
                area=area, households=households,
            )  # fmt: skip
            events.append(registered)
            if takeover:
                events.append(replace(registered, kind="takeover", on=DATES[8], community="", mode_to=mode))
        rows += [{"小区编号": code, "小区名称": code, "社区": JINYUAN} for code in self.spare]
        result = self.files.register(*rows)
        assert counts(result) == (72, 0, 0, len(events), 12)
        for event in events:
            self.model.record(event)

    def propose(self) -> Event:
        """The next event, parts of splits under names or codes that nothing has used yet."""
        place = Stage(self.homes | dict.fromkeys(self.grown, JINYUAN), ("无",), DATES)
        while True:
            event = proposal(self.model, place, Step.drawn(self.chance, tuple(DRAWN)))
            if event.compound == "无" or (event.kind == "register" and event.compound not in self.homes):
                continue
            new: dict[str, str] = {}
            for part in event.parts:
                if part.compound not in new:
                    pending = self.spare and self.chance.random() < 0.3
                    new[part.compound] = self.spare.pop() if pending else f"新{self.chance.randrange(10**9)}"
            return replace(event, parts=tuple(part._replace(compound=new[part.compound]) for part in event.parts))

    def change(self, number: int) -> None:
        """One workbook of changes: posted as far as possible, and the model decides what was possible."""
        lines: list[Row] = []
        events: list[tuple[tuple, list[int], Event | None]] = []
        base = self.model.height
        for _event in range(number):
            event = self.propose()
            rows = self.clerk.rows(event)
            numbers = [len(lines) + 2 + index for index in range(len(rows))]
            if self.chance.random() < 0.08:
                nonsense = self.chance.choice(NONSENSE)
                by_name = ("社区", "小区名称") if "小区编号" in nonsense else ()
                rows = [{name: cell for name, cell in rows[0].items() if name not in by_name} | nonsense]
                numbers, event = numbers[:1], None
            lines += rows
            events.append(((event.on if event else START, numbers[0]), numbers, event))
        suffix, encoding = self.chance.choice([(".xlsx", ""), (".csv", "utf-8-sig"), (".csv", "gb18030")])
        file = self.files.file(lines, suffix, encoding=encoding)
        _answer, result = ran("import_entries", file, "--skip-bad-rows")
        self.grown += Compound.objects.filter(code__regex=r"^\d{12}-").exclude(code__in=self.grown).values_list(
            "code", flat=True
        )  # fmt: skip
        refused, posted = set(), []
        for _order, numbers, event in sorted(events, key=lambda item: item[0]):
            height = event and self.record(event, base)
            if height:
                posted.append((len(numbers), height))
            else:
                refused |= set(numbers)
        assert {error["row"] for error in result["errors"]} == refused, file
        assert result["height"] == self.model.height
        self.posted.append((file, posted))

    def record(self, event: Event, base: int) -> int | None:
        """The model's answer: the height, None if it is impossible."""
        codes = dict(
            Compound.objects.filter(name__in=[part.compound for part in event.parts]).values_list("name", "code")
        )
        parts = tuple(part._replace(compound=codes.get(part.compound, part.compound)) for part in event.parts)
        event = replace(event, parts=parts)
        if event.kind == "register":
            event = replace(event, community=self.lies_in(event))
        try:
            if event.kind == "reversal" and event.reverses > base:
                raise Impossible("no version yet")
            self.seen[event.kind] += 1
            return self.model.record(event)
        except Impossible:
            self.seen["refused"] += 1
            return None

    def lies_in(self, event: Event) -> str:
        """A workbook of changes does not say where a further area lies: where the compound does on that date."""
        registers = [e for _h, e in self.model.live() if e.kind == "register" and e.compound == event.compound]
        first = registers[0].community if registers else self.homes[event.compound]
        return self.model.world(event.on).lies_in.get(event.compound) or first


@pytest.mark.parametrize("seed", [3, 2014])
def test_random_history_equals_the_model(files: Files, seed: int):
    city = City(files, seed)
    city.open()
    while city.model.height < 290:
        city.change(city.chance.randint(4, 30))
    kinds = Counter(event.kind for event in city.model.events)
    assert min(kinds[kind] for kind in KIND_WORDS) >= 3, kinds
    assert city.seen["refused"] >= 20, city.seen
    dates = [event.on for event in city.model.events if event.kind != "reversal"]
    assert sum(later < earlier for earlier, later in itertools.pairwise(dates)) >= 10, "late entries"

    chance = city.chance
    moments = [(chance.choice(DATES), chance.randint(1, city.model.height)) for _ in range(30)]
    check_everything(city.model, [*moments, (DATES[-1], city.model.height)])
    for on, height in moments[:12]:
        for code in ("2113", "211302", "211302001", XINLIU):
            check_figures(city.model, code, on, height)
        check_movements(city.model, "211302", DATES[5], max(on, DATES[5]), height)
    check_register(city.model)
    check_same_kinds_stored(city.model)
    check_again(city)


def check_again(city: City) -> None:
    """The same files again: rows whose entry stands are unchanged; those of reversed entries are free again."""
    reversed_heights = set(Entry.objects.exclude(reverses=None).values_list("reverses", flat=True))
    for file, posted in city.posted:
        _answer, result = ran("import_entries", file, "--dry-run", "--skip-bad-rows")
        assert result["unchanged"] == sum(rows for rows, height in posted if height not in reversed_heights)
