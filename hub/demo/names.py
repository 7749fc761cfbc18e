"""Names as people in Chengdong bear them: Han, Hui, Tibetan, Tu, Salar and others.

Surnames and given names are common ones; who bears which is drawn. Common names are common,
so that many people share theirs.
"""

from __future__ import annotations

import numpy as np

from hub.demo.chance import Chance, Flags, Ints, Text

# GB/T 3304 code and share among the households of the demo district.
GROUPS = {"01": 0.50, "03": 0.345, "04": 0.07, "30": 0.035, "35": 0.022, "02": 0.012,
          "11": 0.004, "05": 0.007, "17": 0.005}  # fmt: skip

HAN_SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟"
    "龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
HUI_SURNAMES = "马马马马马马马马马马马马韩韩冶苏喇白王李海丁哈妥穆沙铁拜鲜牟张杨绽祁"
TU_SURNAMES = "李祁吕东鲍席董甘王张刁阿"
SALAR_SURNAMES = "韩韩韩韩韩韩马沈兰何"

MALE_GIVEN = (
    "伟 强 磊 军 勇 涛 明 超 杰 刚 平 辉 鹏 斌 波 建国 建军 志强 志明 文斌 永强 海龙 海军 国庆 "
    "占海 生林 生福 玉林 发祥 成龙 浩然 子轩 宇航 俊杰 浩宇 梓豪 一鸣 文博 天佑 嘉豪 晓东 晓军 "
    "正清 得福 有才 长青 积德 启明 兴旺 振华 永寿 生贵 德胜 立新 卫东 学文 尚武 世杰 忠义 国栋 "
    "家骏 晨阳 博文 睿 皓轩 沐辰 泽宇 铭泽 奕辰 金山 玉龙 宝山 全福 延龄 得林 海清 占魁"
)
FEMALE_GIVEN = (
    "芳 娜 敏 静 丽 艳 娟 霞 秀英 桂英 玉兰 秀兰 桂花 海燕 晓燕 玉梅 春梅 红梅 雪梅 秀珍 桂芳 "
    "玉珍 生英 占英 发英 玉英 秀花 兰英 梅英 雨桐 梓涵 欣怡 诗涵 一诺 可馨 梦琪 思雨 佳怡 晓梅 "
    "玲 燕 萍 红 洁 莉 琴 云 慧 青 国英 成英 积英 莲花 银花 金花 冬梅 生莲 玉莲 彩霞 丽娟 "
    "雪琴 淑英 淑珍 桂兰 若曦 语嫣 依诺 子涵 沐瑶 婉清 晨曦 雅琪 海兰 玉萍 文秀 秀莲"
)
HUI_MALE = (
    "木沙 哈麦 尔洒 尤素福 伊布拉 哈三 乙奴 舍木 阿布都 成祥 成林 成云 占林 德明 国良 玉海 "
    "志祥 全义 生华 英福 得祥 忠林 建林 文义 晓龙 海云"
)
HUI_FEMALE = (
    "阿舍 法土麦 索菲亚 海车 麦热 哈力麦 艾米乃 玉秀 晓兰 海霞 秀芳 晓花 梅花 玉花 兰花 秀琴 桂莲"
)
TIBETAN_FIRST = (
    "扎西 才让 多杰 仁青 尼玛 达瓦 索南 拉毛 卓玛 切军 久美 "
    "桑杰 旦增 完么 格桑 贡保 周毛 公保 华旦 南杰 羊毛 娘吉"
)
TIBETAN_MALE = "才让 多杰 扎西 加 东珠 尖措 本 顿珠 旺堆 昂杰 太 项秀"
TIBETAN_FEMALE = "卓玛 拉毛 措 吉 草 央宗 措毛 卓嘎 周措 吉毛"
LONG_FIRST_MALE = "买买提 阿卜杜热合曼 吐尔逊 艾合买提 努尔兰 阿卜杜克热木 麦麦提敏 赛力克江"
LONG_FIRST_FEMALE = "阿依古丽 古丽娜尔 帕提古丽 热依汗古丽 阿依努尔 祖丽菲亚 玛依努尔罕"
LONG_FATHER = "吐尔逊 买买提艾力 阿不都热依木 卡德尔 哈斯木 玉素甫江 叶尔肯别克 阿卜力孜"
LATIN_FIRST = "MUHAMMAD AHMED JOHN PAVEL KENJI MINH ANNA FATIMA MARIA OLGA YUKI SARA"
LATIN_LAST = "KHAN HUSSAIN SMITH IVANOV TANAKA NGUYEN PETROVA RAHMAN GARCIA KIM"
# Characters that old police and Excel systems lose.
RARE = "堃喆龑䶮㛃昇翀祎玥珺婞垚犇骉燚彧頔翾"
# What a GBK export of the police writes in their stead.
PRIVATE_USE = {sign: chr(0xE000 + 37 * at) for at, sign in enumerate(RARE)}


def full_names(
    chance: Chance, ids: Ints, group: Text, family: Ints, male: Flags, foreign: Flags
) -> Text:
    """Name people; those of one family and group share the surname.

    `family` is the number from which the surname is drawn: a father hands his down.
    """
    names = surnames(chance, group, family) + _given(chance, ids, group, male)
    tibetan = _tibetan(chance, ids, male)
    long = np.where(
        male,
        chance.pick("name.long.male", ids, LONG_FIRST_MALE.split()),
        chance.pick("name.long.female", ids, LONG_FIRST_FEMALE.split()),
    ).astype(object)
    long = long + "·" + chance.pick("name.long.father", family, LONG_FATHER.split())
    latin = chance.pick("name.latin.last", family, LATIN_LAST.split()) + " "
    latin = latin + chance.pick("name.latin.first", ids, LATIN_FIRST.split())
    names = np.where(group == "04", tibetan, names)
    names = np.where(np.isin(group, ["05", "17"]), long, names)
    return np.asarray(np.where(foreign, latin, names), dtype=object)


def surnames(chance: Chance, group: Text, family: Ints) -> Text:
    """Draw the surname of a family of this group."""
    found = chance.pick("surname.han", family, list(HAN_SURNAMES), _falling(len(HAN_SURNAMES)))
    for code, signs in (("03", HUI_SURNAMES), ("30", TU_SURNAMES), ("35", SALAR_SURNAMES)):
        found = np.where(group == code, chance.pick(f"surname.{code}", family, list(signs)), found)
    return np.asarray(found, dtype=object)


def _given(chance: Chance, ids: Ints, group: Text, male: Flags) -> Text:
    common = _by_sex(chance, "given", ids, male, MALE_GIVEN, FEMALE_GIVEN, steep=True)
    muslim = _by_sex(chance, "given.hui", ids, male, HUI_MALE, HUI_FEMALE)
    own = np.isin(group, ["03", "35"]) & chance.hit("given.own", ids, 0.45)
    given = np.where(own, muslim, common)
    # A fifth of the one- and two-sign names get their first sign from a wider stock.
    middle = chance.pick("given.middle", ids, list("文志晓建国海永玉春秀雪明德世家佳子天成金"))
    single = np.char.str_len(given.astype(str)) == 1
    given = np.where(single & chance.hit("given.doubled", ids, 0.5), middle + given, given)
    rare = chance.pick("given.rare", ids, list(RARE))
    return np.asarray(np.where(chance.hit("rare.sign", ids, 0.012), rare, given), dtype=object)


def _tibetan(chance: Chance, ids: Ints, male: Flags) -> Text:
    first = chance.pick("name.tibetan.first", ids, TIBETAN_FIRST.split())
    last = _by_sex(chance, "name.tibetan", ids, male, TIBETAN_MALE, TIBETAN_FEMALE)
    return np.asarray(first + last, dtype=object)


def _by_sex(
    chance: Chance, question: str, ids: Ints, male: Flags, his: str, hers: str, steep: bool = False
) -> Text:
    men, women = his.split(), hers.split()
    return np.where(
        male,
        chance.pick(question + ".male", ids, men, _falling(len(men)) if steep else None),
        chance.pick(question + ".female", ids, women, _falling(len(women)) if steep else None),
    ).astype(object)


def _falling(count: int) -> list[float]:
    return [1 / (rank + 8) for rank in range(count)]
