"""street_office: every column and every dirt of its workbooks and its text file."""

# A table is read by its lines: a case stands on one where it can.

from __future__ import annotations

from tests.fates.cases import (
    Blanks,
    Covers,
    Derives,
    Holds,
    Keeps,
    Marks,
    Notes,
    Row,
    Serves,
    Table,
    Warns,
    a_name,
    a_number,
    a_square,
)

SHEET, PLATFORM_SHEET = "北关社区", "慈幼社区"
COMMUNITY, PLATFORM_COMMUNITY = "630102001001", "630102001004"
#: Rows whose sheet is an export of the platform that counts men as 0.
PLATFORM = "@platform"
CHANGED = "2026-08-01 09:00:00"


def a_resident(number: int) -> Row:
    """Return a row of 人口信息 that says who somebody is and nothing else."""
    columns = (
        "出生日期 性别 民族 政治面貌 学历 婚姻状况 从业状况 联系电话 户籍性质 户籍地址 现住址 户号 与户主关系 "
        "是否独居老人 是否空巢 是否退役军人 是否残疾 残疾类别 残疾等级 是否低保 紧急联系人 紧急联系电话 "
        "走访日期 居住开始日期 网格编号 备注"
    )
    return {
        "人员编号": f"SQ001-{number:06}",
        "姓名": a_name(number),
        "身份证号": a_number(number),
        **dict.fromkeys(columns.split(), ""),
        "更新时间": CHANGED,
    }


def a_house(number: int) -> Row:
    """Return a row of 房屋信息 in a compound of its own."""
    columns = "单元 楼层 房屋地址 房屋用途 居住状态 安全隐患 实住人数 网格编号"
    return {
        "房屋编号": f"FW{number:05}",
        "小区": f"为民{number}小区",
        "楼栋": "1",
        "房号": "101",
        **dict.fromkeys(columns.split(), ""),
        "更新时间": CHANGED,
    }


def a_grid(number: int) -> Row:
    """Return a row of 网格信息."""
    columns = "网格类型 社区代码 网格长 联系电话 网格员 边界"
    return {
        "网格编号": f"630102001001{number:03}",
        "网格名称": f"第{number}网格",
        **dict.fromkeys(columns.split(), ""),
        "更新时间": CHANGED,
    }


people = Table("street_office", "residents", "person", "人员编号", a_resident, 30_001)
houses = Table("street_office", "houses", "house", "房屋编号", a_house, 1)
grids = Table("street_office", "grids", "grid", "网格编号", a_grid, 1)

# -- 人口信息: names

people.add(
    "a clean row", {}, Serves({"citizen_id_no": a_number(30_001), "community_code": COMMUNITY})
)
people.words(
    "姓名", "person_name", {"李　四": "李四", "王 小 明": "王小明", "买买提•艾力": "买买提·艾力"}
)
for remark, status in {"(已故)": "3", "（已故）": "3", "（搬走）": "2", "(搬走)": "2", " (已故) ": "3",
                       "（已搬走）": "2"}.items():  # fmt: skip
    row = people.add(
        f"{remark} behind a name", {"姓名": f"马春花{remark}"},
        Serves({"person_name": "马春花", "person_status": status}),
        Marks({"person_status": "provisional"}),
    )  # fmt: skip
people.add("a telephone behind a name", {"姓名": "马夏花13997002001"},
           Serves({"person_name": "马夏花", "contact_phone": "13997002001"}))  # fmt: skip
people.add("a local telephone behind a name", {"姓名": "马夏草 8123456"},
           Serves({"person_name": "马夏草", "contact_phone": "0971-8123456"}))  # fmt: skip
people.add("a telephone and a remark behind a name", {"姓名": "马秋花（搬走）13997002002"},
           Serves({"person_name": "马秋花", "person_status": "2", "contact_phone": "13997002002"}))  # fmt: skip
people.add("a telephone behind a name beside another",
           {"姓名": "马冬花13997002003", "联系电话": "13997002004"},
           Serves({"person_name": "马冬花", "contact_phone": "13997002004"}),
           Keeps({"other_phones": '["13997002003"]'}))  # fmt: skip
for word in ("无名氏", "测试", "（已故）", ""):
    faults = (("person_name", "person_name.placeholder"),) if word in ("无名氏", "测试") else ()
    people.add(f"nobody: {word!r}", {"姓名": word}, Holds("person.no_name", faults))

# -- 人口信息: numbers and dates

for rule, numbers in {
    "citizen_id.checksum": ("630102198001010018",),
    "citizen_id.ruined": ("6.30102E+17", "630102198001011000"),
    "citizen_id.masked": ("630102********1234",),
    "citizen_id.placeholder": ("111111111111111111",),
}.items():
    people.blanks("身份证号", "citizen_id_no", rule, *numbers)
people.words("身份证号", "citizen_id_no", {"": None, "630102810202002": "630102198102020021"})
people.words(
    "出生日期", "birth_date",
    {
        "2021.3.5": "2021-03-05", "2021/03/05": "2021-03-05", "2021-03-05": "2021-03-05",
        "2021年3月5日": "2021-03-05", "44260": "2021-03-05", "20210305": "2021-03-05",
    }, 身份证号="",
)  # fmt: skip
people.blanks("出生日期", "birth_date", "date.incomplete", "1956年8月", "1956年", 身份证号="")
people.blanks("出生日期", "birth_date", "date.unreadable", "不清楚", 身份证号="")
people.blanks("出生日期", "birth_date", "date.future", "2088-01-01", 身份证号="")
people.blanks("出生日期", "birth_date", "date.before_1880", "1871-01-01", 身份证号="")
people.add("a month beside a valid id", {"出生日期": "1956年8月", "身份证号": "630102195608120026"},
           Blanks("birth_date", "date.incomplete", "1956年8月", instead="1956-08-12"),
           Notes("birth_date", "person.derived_from_id"))  # fmt: skip
people.words("性别", "sex_code", {"男": "1", "女": "2", "1": "1", "2": "2"}, 身份证号="")
people.blanks("性别", "sex_code", "code.unknown", "3", 身份证号="")
for word, sex in {"0": "1", "1": "2", "男": "1", "女": "2"}.items():
    people.add(f"sex {word} in an export that counts men as 0", {"性别": word, "身份证号": "", PLATFORM: "1"},
               Serves({"sex_code": sex, "community_code": PLATFORM_COMMUNITY}))  # fmt: skip
people.add("sex 2 in an export that counts men as 0", {"性别": "2", "身份证号": "", PLATFORM: "1"},
           Blanks("sex_code", "code.unknown", "性别=2"))  # fmt: skip

# -- 人口信息: words

people.words(
    "民族", "ethnic_group_code", {"汉": "01", "汉族": "01", "回": "03", "藏": "04", "撒拉": "35"}
)
people.blanks("民族", "ethnic_group_code", "code.unknown", "火星")
people.words("政治面貌", "political_status_code", {
    "党员": "01", "中共党员": "01", "预备党员": "02", "团员": "03", "群众": "13"})  # fmt: skip
people.words("学历", "education_level_code", {
    "研究生": "10", "本科": "20", "大专": "30", "中专": "40", "高中": "60", "初中": "70", "小学": "80"})  # fmt: skip
people.blanks("学历", "education_level_code", "code.unknown", "文盲", "幼儿")
people.words("婚姻状况", "marital_status_code", {
    "未婚": "10", "已婚": "20", "丧偶": "30", "离异": "40", "离婚": "40"})  # fmt: skip
people.words("从业状况", "employment_status_code", {
    "公务员": "11", "专业技术人员": "13", "职员": "17", "工人": "24", "务农": "27", "农民": "27", "学生": "31",
    "自由职业": "51", "个体": "54", "失业": "70", "无业": "70", "退休": "80", "其他": "90"})  # fmt: skip
people.blanks("从业状况", "employment_status_code", "code.unknown", "在业")
for word, category, match in (("户籍", "1", "01"), ("流动", "3", None), ("人户分离", "2", "02"),
                              ("港澳台", "4", None), ("外国人", "5", None)):  # fmt: skip
    people.add(f"户籍性质 says {word}", {"户籍性质": word},
               Serves({"population_category": category, "residence_match_code": match}))  # fmt: skip
people.words("与户主关系", "relationship_to_head_code", {
    "户主": "02", "本人": "02", "配偶": "10", "妻": "12", "夫": "11", "子": "20", "女": "30", "孙子": "41",
    "孙女": "42", "父亲": "51", "母亲": "52", "祖父母": "60", "兄弟姐妹": "70", "其他亲属": "97", "非亲属": "99"})  # fmt: skip
people.blanks("与户主关系", "relationship_to_head_code", "code.unknown", "老张家的")
people.words("户号", "household_no", {"630102001": "630102001"})

# -- 人口信息: telephones, addresses, care

for sign in ("/", "、", ";", ",", "；", " ", "\n"):
    people.add(
        f"two telephones with {sign!r} between", {"联系电话": f"13997002111{sign}13997002112"},
        Serves({"contact_phone": "13997002111"}), Keeps({"other_phones": '["13997002112"]'}),
    )  # fmt: skip
people.words(
    "联系电话", "contact_phone", {"8123456": "0971-8123456", "0971－8123456": "0971-8123456"}
)
people.blanks("联系电话", "contact_phone", "phone.unreadable", "139970021")
people.words(
    "紧急联系电话",
    "emergency_contact_phone",
    {"13997002113": "13997002113", "8123457": "0971-8123457"},
)
people.add("two emergency telephones", {"紧急联系电话": "13997002114、13997002115"},
           Serves({"emergency_contact_phone": "13997002114"}),
           Keeps({"other_emergency_phones": '["13997002115"]'}))  # fmt: skip
people.blanks("紧急联系电话", "emergency_contact_phone", "phone.unreadable", "问邻居")
people.words("紧急联系人", "emergency_contact_name", {"马 兰": "马兰"})
people.blanks("紧急联系人", "emergency_contact_name", "person_name.placeholder", "测试")
people.words("走访日期", "last_visit_date", {"2026.8.20": "2026-08-20", "46254": "2026-08-20"})
people.blanks("走访日期", "last_visit_date", "date.future", "2088.8.20")
people.words("居住开始日期", "residence_start_date", {"2015/6/1": "2015-06-01"})
people.blanks("居住开始日期", "residence_start_date", "date.incomplete", "2015年6月")
people.add("a registered address with its division", {"户籍地址": "甘肃省兰州市城关区雁滩路5号"},
           Serves({"household_register_division_code": "620102",
                   "household_register_address": "雁滩路5号"}))  # fmt: skip
people.add("a registered address without a division", {"户籍地址": "下滩村11号"},
           Serves({"household_register_division_code": None,
                   "household_register_address": "下滩村11号"}))  # fmt: skip
people.words("现住址", "standard_address", {"某某小区 ３号楼1单元501室": "某某小区3号楼1单元501室"})
people.words("网格编号", "grid_code", {"630102001001001": "630102001001001"})
people.blanks("网格编号", "grid_code", "grid_code.unreadable", "第一网格")
for yes in ("是", "1", "Y", "√"):
    people.add(f"yes written {yes}", {"是否独居老人": yes, "是否低保": yes},
               Serves({"care_categories": '["01"]', "social_assistance_type": "01"}))  # fmt: skip
for no in ("否", "0", "N"):
    people.add(f"no written {no}", {"是否空巢": no, "是否低保": no},
               Serves({"care_categories": "[]", "social_assistance_type": None}))  # fmt: skip
people.add(
    "nothing said of care", {}, Serves({"care_categories": None, "social_assistance_type": None})
)
people.add("three kinds of care", {"是否独居老人": "是", "是否空巢": "是", "是否退役军人": "是"},
           Serves({"care_categories": '["01", "02", "08"]'}))  # fmt: skip
people.add("neither yes nor no", {"是否空巢": "也许"},
           Blanks("care_categories", "boolean.unreadable", "也许"))  # fmt: skip
people.add("one of three nobody can read", {"是否独居老人": "是", "是否空巢": "也许"},
           Blanks("care_categories", "boolean.unreadable", "也许", instead='["01"]'))  # fmt: skip
people.add("eighty years of age", {"身份证号": "630102193001010024"},
           Derives({"care_categories": '["03"]'}))  # fmt: skip
people.add("disabled, and no more is said", {"是否残疾": "是"},
           Serves({"disability_category_code": None}), Keeps({"is_disabled": "true"}))  # fmt: skip
people.words("残疾类别", "disability_category_code", {
    "视力": "1", "听力": "2", "言语": "3", "肢体": "4", "智力": "5", "精神": "6", "多重": "7"})  # fmt: skip
people.blanks("残疾类别", "disability_category_code", "code.unknown", "其它残疾")
people.words("残疾等级", "disability_level_code", {
    "一级": "1", "二级": "2", "三级": "3", "四级": "4", "1": "1", "4": "4"})  # fmt: skip
people.blanks("残疾等级", "disability_level_code", "code.unknown", "九级")
for column in ("姓名", "户号", "紧急联系人", "现住址"):
    if column != "姓名":
        people.add(
            f"{column} says nothing in a word", {column: "暂无"}, Serves({"person_status": None})
        )
people.add("a time as a day", {"更新时间": "2026.8.1"}, Serves({"person_status": None}))
people.add("no time", {"更新时间": ""}, Serves({"person_status": None}))

# -- 房屋信息

houses.add("a clean row", {}, Serves({"compound_name": "为民1小区", "room_no": "101"}))
houses.words("楼栋", "building_no", {"3号楼": "3", "3栋": "3", "三幢": "3", "3#": "3", "3": "3"})
houses.words("单元", "unit_no", {"1单元": "1", "二单元": "2", "3": "3"})
houses.words("楼层", "floor_no", {"5": "5", "5层": "5", "负一": "-1"})
houses.blanks("楼层", "floor_no", "number.out_of_range", "0")
houses.words("房号", "room_no", {"501室": "501", "501": "501"})
houses.words("房屋地址", "standard_address", {"西宁市 城东区为民巷８号": "西宁市城东区为民巷8号"})
houses.words("房屋用途", "house_use", {
    "住宅": "01", "商住": "02", "商业": "03", "办公": "04", "工业仓储": "05", "教育": "06", "医疗": "07",
    "养老": "08", "车库": "09", "其他": "99"})  # fmt: skip
houses.blanks("房屋用途", "house_use", "code.unknown", "鬼屋")
houses.words(
    "居住状态",
    "occupancy_status",
    {"自住": "1", "出租": "2", "借住": "3", "空置": "4", "经营": "6"},
)
houses.blanks("居住状态", "occupancy_status", "code.unknown", "住着")
houses.words("安全隐患", "safety_hazards", {
    "消防通道堵塞": '["01"]', "电线老化": '["03"]', "燃气隐患": '["02"]', "房屋结构": '["04"]',
    "群租": '["05"]', "高空坠物": '["99"]', "电动车充电": '["06"]', "其他": '["99"]',
    "电线老化、消防通道堵塞": '["01", "03"]', "燃气隐患、闹鬼": '["02", "99"]', "无": None, "": None,
})  # fmt: skip
houses.words("实住人数", "resident_count", {"0": "0", "3": "3", "3人": "3"})
houses.blanks("实住人数", "resident_count", "number.unreadable", "很多")
houses.blanks("实住人数", "resident_count", "number.out_of_range", "999")
houses.words("网格编号", "grid_code", {"630102001001001": "630102001001001"})
houses.blanks("网格编号", "grid_code", "grid_code.unreadable", "63010200100100")

# -- 网格信息

grids.add("a clean row", {}, Serves({"grid_code": "630102001001001"}))
grids.words("网格名称", "grid_name", {" 北关一网格 ": "北关一网格"})
for word, code in {"社区网格": "1", "专属网格": "2", "微网格": "3"}.items():
    grids.add(f"网格类型 says {word}", {"网格类型": word}, Serves({"grid_type": code}))
grids.blanks("网格类型", "grid_type", "code.unknown", "大网格")
grids.words("社区代码", "community_code", {"630102001001": "630102001001"}, 网格类型="社区网格")
grids.add("a community of an unusual number", {"社区代码": "630102001777", "网格类型": "社区网格"},
          Warns("community_code", "community.unusual"))  # fmt: skip
grids.words("网格长", "grid_leader_name", {"韩　梅": "韩梅"})
grids.words(
    "联系电话", "grid_leader_phone", {"13997003001": "13997003001", "8123456": "0971-8123456"}
)
grids.blanks("联系电话", "grid_leader_phone", "phone.unreadable", "找网格长")
grids.words("网格员", "grid_worker_names", {"赵一、钱二": '["赵一", "钱二"]', "赵一": '["赵一"]'})
for frame, swapped in (
    ("CGCS2000", False),
    ("CGCS2000", True),
    ("metres", False),
    ("metres", True),
):
    grids.add(
        f"a boundary in {frame}{', the other order' if swapped else ''}",
        {"边界": a_square(frame, 101.9, 36.9, swapped=swapped), "网格类型": "微网格"},
        Covers("grid_boundary", 101.9, 36.9),
    )
grids.blanks("边界", "grid_boundary", "geometry.outside", "POLYGON ((1 2, 3 2, 3 4, 1 2))")
grids.add("a code of another length", {"网格编号": "63010200100177"},
          Blanks("grid_code", "grid_code.unreadable", "63010200100177"))  # fmt: skip

TABLES = (people, houses, grids)
