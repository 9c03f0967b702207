"""The workbook of accounts: headings and words as offices write them."""

from chaoyang_pm.kit.sheets.headers import Column
from communities.people.choices import Role

COLUMNS = (
    Column("username", "登录名", ("账号", "用户名", "登录账号", "帐号")),
    Column("display_name", "姓名", ("人员姓名", "使用人", "经办人", "名字"), required=True),
    Column("role", "岗位", ("角色", "岗位角色", "身份", "权限", "职务"), required=True),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "区县", "县")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道乡镇", "街道办", "街道办事处")),
    Column("community", "社区", ("所属社区", "社区名称", "居委会", "社区居委会", "社区(村)")),
    Column("department", "部门", ("所属部门", "市直部门", "单位", "部门名称")),
    Column("phone", "联系电话", ("电话", "手机", "联系方式", "手机号码")),
    Column("since", "起始日期", ("任职日期", "开始日期", "任职时间", "启用日期")),
)
#: Columns that count the rows: not read, and nothing to report.
NUMBERING = ("序号", "编号", "备注")
PASSWORD, OFFICE, RESULTS, TEMPLATE, CHOICES = "初始密码", "任职", "账号清单", "账号导入模板", "选项"
#: Other words for the roles; their labels and codes are understood as well.
ROLE_WORDS = {
    "市房产局": Role.BUREAU, "房产局": Role.BUREAU, "市局": Role.BUREAU,
    "市领导": Role.LEADER, "领导": Role.LEADER,
    "市直部门": Role.DEPARTMENT, "市直": Role.DEPARTMENT, "部门": Role.DEPARTMENT,
    "县": Role.COUNTY, "县区": Role.COUNTY, "县级": Role.COUNTY, "县级主管部门": Role.COUNTY,
    "县区物业主管部门": Role.COUNTY, "物业主管部门": Role.COUNTY, "县房产局": Role.COUNTY, "区房产局": Role.COUNTY,
    "街道": Role.SUBDISTRICT, "街道办": Role.SUBDISTRICT, "街道办事处": Role.SUBDISTRICT, "乡镇": Role.SUBDISTRICT,
    "乡镇政府": Role.SUBDISTRICT,
    "社区": Role.COMMITTEE, "居委会": Role.COMMITTEE, "社区居委会": Role.COMMITTEE, "社区居民委员会": Role.COMMITTEE,
    "审计": Role.AUDITOR, "审计人员": Role.AUDITOR,
    "管理员": Role.ADMIN, "系统管理员": Role.ADMIN,
}  # fmt: skip
