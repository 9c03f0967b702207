from django.utils.functional import cached_property

from chaoyang_pm.kit.sheets.sending import send_bytes
from oversight.coverage.views import AroundPage
from oversight.onepager import charts, document, selectors, sentences, table


class OnePager(AroundPage):
    """一页纸: sentences to copy, one table, two charts, for any division, date, version and rule."""

    template_name = "oversight/onepager/page.html"

    @cached_property
    def one_page(self) -> selectors.OnePage:
        return selectors.one_page(self.question, self.around[1])

    def get_context_data(self, **kwargs):
        page = self.one_page
        return super().get_context_data(
            page=page, sentences=sentences.sentences(page), bars=charts.coverage_bars(page.rows),
            line=charts.managed_line(page.months), about=document.about(page), headings=table.headings(page),
            lines=table.lines(page), total=table.total(page), **kwargs,
        )  # fmt: skip


class OnePagerDocument(OnePager):
    """The same as a Word document."""

    def get(self, request, *args, **kwargs):
        content = document.document(self.one_page)
        about = f"{self.question.division}-{self.question.as_of}-{self.question.height}"
        return send_bytes(f"{about}.docx", content)
