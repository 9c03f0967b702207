"""The columns of the workbooks (ledger.md, "Command line contract"): labels, other headers, how a cell is read.

Headers are data of the field and stand in Chinese; more of them can be added as ``Synonym`` rows. A bare 编号 is
no 小区编号: in most lists it counts the rows.
"""

import re

from chaoyang_pm.kit.sheets.headers import Column

AREA = "area"

#: Columns told by what every cell of them is, whatever they are called.
SHAPES = {
    "community": re.compile(r"\d{12}|.{2,}(?:社区|居委会|居民委员会|村委会|村民委员会)"),
    "code": re.compile(r"\d{12}-\d{3,}"),
}

#: Columns that count the rows: not read, and nothing to report.
NUMBERING = ("序号",)

REGISTER = (
    Column("code", "小区编号", ("小区代码", "小区编码")),
    Column("name", "小区名称", ("小区名", "名称", "小区", "项目名称"), required=True, names_row=True),
    Column("former_names", "曾用名", ("原名", "别名", "原小区名称")),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "所在县区", "区县", "所属区县", "区")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道乡镇", "街道办", "街道办事处", "所在街道")),
    Column(
        "community",
        "社区",
        ("所属社区", "社区编码", "社区名称", "居委会", "社区居委会", "社区(村)", "所在社区", "社区代码"),
        required=True,
    ),
    Column("address", "地址", ("小区地址", "详细地址", "坐落", "小区位置")),
    Column("kind", "小区类型", ("类型",)),
    Column("built_year", "建成年份", ("竣工年份", "竣工时间", "建成时间", "建设年代", "建成年代", "建筑年代")),
    Column("buildings", "楼栋数", ("栋数", "楼数", "楼栋", "总栋数", "楼栋数量", "幢数"), adds_up=True),
    Column("households", "户数", ("总户数", "居民户数", "住户数", "户数合计"), adds_up=True),
    Column(
        "area", "建筑面积", ("总建筑面积", "面积", "小区面积", "总面积", "建筑总面积"), dimension=AREA, adds_up=True
    ),
    Column(
        "residential_area",
        "其中住宅面积",
        ("住宅面积", "其中:住宅", "住宅建筑面积", "其中住宅", "建筑面积其中住宅", "建筑面积住宅"),
        dimension=AREA,
        adds_up=True,
    ),
    Column("area_source", "面积来源", ("面积依据",)),
    Column("category", "小区类别", ("类别", "小区分类", "分类")),
    Column("category_basis", "类别认定依据", ("认定依据", "类别依据")),
    Column("ownership", "产权性质", ("房屋性质", "产权", "房屋产权性质")),
    Column("original_owner", "原产权单位", ("产权单位", "原单位")),
    Column("developer", "开发建设单位", ("开发单位", "建设单位", "开发商")),
    Column("renovated_year", "改造年度", ("改造年份", "改造时间", "改造完成年度")),
    Column("phase", "分片(期)", ("分片", "分期", "期数", "期")),
    Column("registered_on", "登记日期", ("入账日期", "登记时间")),
    Column("mode", "管理模式", ("管理方式", "物业管理模式", "物业管理方式", "物业模式", "物业服务模式", "模式")),
    Column("taken_over_on", "接管日期", ("接管时间", "进驻日期", "进驻时间", "物业进驻时间")),
    Column("date_basis", "日期依据", ("接管日期依据",)),
    Column(
        "provider", "物业服务单位", ("物业公司", "物业企业", "物业服务企业", "物业公司名称", "管理单位", "物业单位")
    ),
    Column("contract_term", "合同起止", ("合同期限", "合同起止日期", "合同期")),
    Column("contract_filing_no", "合同备案号", ("备案号", "合同备案编号")),
    Column("fee", "收费标准", ("物业费", "物业费标准", "收费")),
    Column("collection_rate", "收缴率", ("物业费收缴率", "收费率")),
    Column("owners_committee", "业委会", ("业主委员会", "业主委员会情况", "有无业委会")),
    Column("committee_term_ends", "业委会届满日", ("届满日", "业委会到期日", "业委会届满时间")),
    Column("unmanaged_reason", "未管原因", ("未实施原因", "无物业原因")),
    Column("abandoned_since", "弃管时间", ("弃管日期", "失管时间")),
    Column("duty_person", "包保责任人", ("责任人", "包保人", "包保领导")),
    Column("contact", "联系人", ("小区经理", "负责人", "小区联系人", "经理")),
    Column("phone", "联系电话", ("电话", "联系方式", "小区经理联系电话", "手机")),
    Column("reporting_unit", "填报单位", ("上报单位",)),
    Column("reporter", "填报人", ("填表人", "经办人")),
    Column("note", "备注", ("说明", "备注说明")),
    Column("mark", "导出标识", ()),
)

ENTRIES = (
    Column("code", "小区编号", ("小区代码", "小区编码")),
    Column("name", "小区名称", ("小区名", "名称", "小区"), names_row=True),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "区县", "区")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道办")),
    Column("community", "社区", ("所属社区", "社区编码", "社区名称", "居委会", "社区居委会", "社区代码")),
    Column("kind", "变更类型", ("变动类型", "类型", "变动", "变动种类"), required=True),
    Column("effective_on", "发生日期", ("日期", "变动日期", "变更日期", "发生时间", "生效日期"), required=True),
    Column("date_basis", "日期依据", ()),
    Column("category", "小区类别", ("类别", "原类别")),
    Column("mode_from", "原管理模式", ("变更前管理模式", "原管理方式", "原模式")),
    Column("mode_to", "新管理模式", ("变更后管理模式", "管理模式", "新管理方式", "现管理模式", "新模式")),
    Column("new_category", "新类别", ("调整后类别", "现类别")),
    Column("new_community", "新社区", ("调入社区", "现社区", "新所属社区")),
    Column("target", "目标小区", ("并入小区", "合并到", "新小区", "拆分出的小区")),
    Column("area", "面积", ("建筑面积", "变动面积", "涉及面积"), dimension=AREA, adds_up=True),
    Column("households", "户数", ("变动户数", "涉及户数"), adds_up=True),
    Column("provider_from", "原物业服务单位", ("原物业公司", "原物业")),
    Column("provider_to", "新物业服务单位", ("新物业公司", "物业服务单位", "物业公司", "新物业")),
    Column("phase", "分片(期)", ("分片", "分期", "期")),
    Column("building_numbers", "涉及楼号", ("楼号", "涉及楼栋")),
    Column("reason", "变更原因", ("原因", "变动原因")),
    Column("basis_type", "依据类型", ()),
    Column("basis_name", "依据名称", ("依据", "文件名称")),
    Column("basis_no", "依据文号", ("文号", "文件号", "依据编号")),
    Column("late_reason", "补报原因", ("迟报原因",)),
    Column("reverses", "原数据版次", ("数据版次", "原版次", "更正版次")),
    Column("reporting_unit", "填报单位", ("上报单位",)),
    Column("handler", "经办人", ("填报人", "填表人")),
    Column("reviewer", "复核人", ("审核人",)),
    Column("phone", "联系电话", ("电话",)),
    Column("note", "备注", ("说明",)),
    Column("mark", "导出标识", ()),
)

#: What a street or county reports on behalf of communities. The kinds of both workbooks have the same words for what
#: both know, so that a list of changes can be sent as reports.
REPORTS = (
    Column("code", "小区编号", ("小区代码", "小区编码")),
    Column("name", "小区名称", ("小区名", "名称", "小区"), names_row=True),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "区县", "区")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道办")),
    Column("community", "社区", ("所属社区", "社区编码", "社区名称", "居委会", "社区居委会", "社区代码")),
    Column("address", "地址", ("小区地址", "详细地址", "坐落", "小区位置")),
    Column("kind", "上报事项", ("事项", "上报类型", "发生了什么", "变更事项", "变更类型", "变动类型"), required=True),
    Column("effective_on", "发生日期", ("日期", "变动日期", "变更日期", "发生时间", "生效日期", "接管日期")),
    Column("date_basis", "日期依据", ()),
    Column("category", "小区类别", ("类别", "原类别")),
    Column("mode_from", "原管理模式", ("变更前管理模式", "原管理方式", "原模式")),
    Column("mode_to", "新管理模式", ("变更后管理模式", "管理模式", "新管理方式", "现管理模式", "新模式")),
    Column("area", "面积", ("建筑面积", "变动面积", "涉及面积"), dimension=AREA, adds_up=True),
    Column("households", "户数", ("变动户数", "涉及户数"), adds_up=True),
    Column("provider_from", "原物业服务单位", ("原物业公司", "原物业")),
    Column("provider_to", "新物业服务单位", ("新物业公司", "物业服务单位", "物业公司", "新物业")),
    Column("basis_type", "依据类型", ()),
    Column("basis_name", "依据名称", ("依据", "文件名称")),
    Column("basis_no", "依据文号", ("文号", "文件号", "依据编号")),
    Column("late_reason", "补报原因", ("迟报原因",)),
    Column("note", "备注", ("说明", "情况说明")),
)

#: 楼栋数 and its like are amounts of the register and no column here.
BUILDINGS = (
    Column("code", "小区编号", ("小区代码", "小区编码")),
    Column("name", "小区名称", ("小区名", "名称", "小区", "所属小区"), names_row=True),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "区县", "区")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道办")),
    Column("community", "社区", ("所属社区", "社区编码", "社区名称", "居委会", "社区居委会", "社区代码")),
    Column("building", "楼号", ("楼栋号", "栋号", "幢号", "楼栋名称", "楼栋编号", "楼座"), required=True),
    Column("floors", "层数", ("总层数", "地上层数", "楼层数", "楼层")),
    Column("units", "单元数", ("单元", "单元数量", "总单元数")),
    Column("households", "户数", ("总户数", "住户数", "居民户数"), adds_up=True),
    Column("area", "建筑面积", ("面积", "楼栋面积", "总建筑面积"), dimension=AREA, adds_up=True),
    Column("built_year", "建成年份", ("竣工年份", "竣工时间", "建成时间", "建设年代", "建成年代")),
)
