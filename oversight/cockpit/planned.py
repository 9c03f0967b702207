"""计划完成: the planned line beside 应完成 and 实际 (docs/plans.md, "Plan against actual")."""

import datetime

from oversight.cockpit.tasks import Completed, Task
from oversight.cockpit.timeline import Timeline
from oversight.coverage.question import Question
from oversight.plans.foreseen import Outlook, Plan


class Planned:
    """What plans foresee of tasks at the days of a chart.

    A county's line leaves its actual one at the month's end before its plan's submission, and rises by what is due. A
    county without a plan stands with what it has completed.
    """

    def __init__(self, question: Question, line: Timeline, completed: Completed, foreseen: Outlook):
        self.question, self.line, self._completed, self.foreseen = question, line, completed, foreseen

    def of(self, task: Task, day: datetime.date) -> int | None:
        """Of a task at a day; None without plans, and before the first of them."""
        plans = [plan for plan in self.foreseen.plans if task.territory.concerns(plan.county)]
        if not plans or day < min(self._begins(plan) for plan in plans):
            return None
        last = min(day, self.question.as_of)
        whole = self._completed.of(task, last)
        return whole + sum(self._ahead(task, plan, day, last) for plan in plans if day >= plan.since)

    def _ahead(self, task: Task, plan: Plan, day: datetime.date, last: datetime.date) -> int:
        """By how much a county's planned line stands above its actual one."""
        begins, categories, covers = self._begins(plan), task.target.categories, task.territory.covers
        base = self._completed.of(task, begins, within=plan.county)
        after = datetime.date.min
        if begins == plan.beside:
            base += sum(
                moved.area for moved in self.foreseen.moved
                if moved.county == plan.county and moved.category in categories and covers(moved.community)
            )  # fmt: skip
        else:
            after = begins
        due = sum(
            line.area(categories) for line in self.foreseen.lines
            if line.county == plan.county and after < line.due_on <= day and covers(line.community)
        )  # fmt: skip
        return base + due - self._completed.of(task, last, within=plan.county)

    def _begins(self, plan: Plan) -> datetime.date:
        """Where its line leaves the actual one; of a plan older than the chart, the chart's first day."""
        return plan.beside if plan.beside in self.line.at else self.line.days[0]
