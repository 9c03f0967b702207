"""What checks, replay and hash chain of an import cost: a ratio to reading the file and storing its rows.

Each turn has a database of its own, into which it commits: foreign keys are checked at the end of a transaction.
"""

import json
import shutil
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import psycopg2
import pytest
import xlsxwriter

from tests.bench.engines import POSTGRES, SQLITE, engine, portal
from tests.bench.measure import peak_memory
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU

ROWS, TURNS = 20_000, 5
PROCESS = str(Path(__file__).with_name("import_process.py"))
COMMUNITIES = (JINYUAN, QIANJIN, HAIHE, XINLIU)
REGISTER = (
    "小区名称", "社区", "地址", "小区类型", "建成年份", "楼栋数", "户数", "建筑面积(㎡)", "面积来源", "小区类别",
    "产权性质", "收费标准", "联系人", "联系电话", "备注",
)  # fmt: skip
ENTRIES = (
    "社区", "小区名称", "变更类型", "发生日期", "新管理模式", "新物业服务单位", "依据类型", "依据名称", "备注",
)  # fmt: skip


def register_row(number: int) -> list:
    return [
        f"第{number}小区", COMMUNITIES[number % 4], f"长江路{number}号", "封闭小区", 1980 + number % 40, number % 30,
        40 + number % 900, 4000 + number, "测绘", ("弃管", "已改造", "其他未实施")[number % 3], "房改房",
        "0.5元/平米/月", f"联系人{number % 50}", f"1390421{number % 10000:04}", f"第{number}行",
    ]  # fmt: skip


def entry_row(number: int) -> list:
    return [
        COMMUNITIES[number % 4], f"第{number}小区", "接管", f"2014-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "专业化物业管理", f"物业公司{number % 40}", "文件", f"合同{number}", f"第{number}行",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("workbooks")
    found = {}
    for kind, header, row in (("register", REGISTER, register_row), ("entries", ENTRIES, entry_row)):
        found[kind] = folder / f"{kind}.xlsx"
        for path, rows in ((found[kind], ROWS), (folder / f"few {kind}.xlsx", 20)):
            with xlsxwriter.Workbook(path) as book:
                page = book.add_worksheet()
                page.write_row(0, 0, header)
                for number in range(rows):
                    page.write_row(number + 1, 0, row(number))
    return found


@contextmanager
def copied(environment: dict[str, str], folder: Path):
    """The environment with a fresh copy of its database, which stays as it is."""
    url = environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        copy = folder / "copy.sqlite3"
        for left in folder.glob("copy.sqlite3*"):
            left.unlink()
        shutil.copy(path, copy)
        yield environment | {"DATABASE_URL": f"sqlite:///{copy}"}
        return
    server, name = url.rpartition("/")[::2]
    with closing(psycopg2.connect(f"{server}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
            try:
                yield environment | {"DATABASE_URL": f"{url}_copy"}
            finally:
                cursor.execute(f"DROP DATABASE {name}_copy WITH (FORCE)")


@pytest.mark.bench
@pytest.mark.parametrize("name", [POSTGRES, SQLITE])
def test_imports_against_reading_and_storing(bench, workbooks, tmp_path, name):
    database = "SQLite" if name == SQLITE else "PostgreSQL"

    def run(environment: dict[str, str], kind: str, *options: str) -> dict:
        answer = json.loads(portal(environment, PROCESS, kind, str(workbooks[kind]), *options))
        assert answer["import"]["posted"] == ROWS
        return answer

    def ratio(answer: dict, part: str = "import") -> float:
        return sum(answer[part][phase] for phase in ("read", "check", "post")) / median(answer["floor"])

    def judge(title: str, answers: list[dict], part: str = "import", at_most: float | None = None) -> None:
        medians = {phase: median([answer[part][phase] for answer in answers]) for phase in ("read", "check", "post")}
        medians["floor"] = median([seconds for answer in answers for seconds in answer["floor"]])
        value = median([ratio(answer, part) for answer in answers])
        bench.judge(title, value, at_most=at_most, medians=medians, runs=len(answers), database=database)

    with engine(name, tmp_path) as environment:
        turns: dict[str, list[dict]] = {"register": [], "entries": []}
        for _turn in range(TURNS):
            with copied(environment, tmp_path) as fresh:
                for kind, answers in turns.items():
                    answers.append(run(fresh, kind, "floor", "again"))
        judge("register of 20,000 rows imported", turns["register"], at_most=8)
        judge("the same register once more", turns["register"], "again")
        judge("20,000 changes imported", turns["entries"])
        judge("the same changes once more", turns["entries"], "again")
        with copied(environment, tmp_path) as fresh:
            for kind in turns:
                held = peak_memory(fresh, PROCESS, kind, str(workbooks[kind]))
                bench.judge(f"memory while importing: {kind}", held, at_most=400, unit="MiB", database=database)
