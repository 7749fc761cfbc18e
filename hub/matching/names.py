"""Names as they are compared: surname and given name, sound, titles, signs that cannot be read.

A name is read once for each distinct spelling. What comes out is for comparing only and is never
shown as anybody's name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from functools import cache, lru_cache

import pandas as pd
from pypinyin import lazy_pinyin

from schemas.chinese import HAN, fold_names, written_name
from schemas.distinct import read_parts

#: Surnames of two characters.
COMPOUND_SURNAMES = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 "
    "申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 "
    "宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 南荣 第五 贺兰 完颜 "
    "纳兰 那拉 爱新觉罗 叶赫那拉 叶赫 钮祜禄 富察 瓜尔佳 赫舍里 索绰罗".split()
)
# A longer name has a surname only if it begins with one of these or with a compound surname;
# otherwise it is one of a people that has none.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温常康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季"
    "裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查"
    "麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖"
    "练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那"
    "宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利于呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由喇妥"
    "撒铁拜丹绽者沃蹇展摆敏虎乜才东祈星辉辛肖萧彭閆闫阎傅付丘邱逄".replace(" ", "")
)
#: How surnames are read where that differs from the usual reading of the character.
_SURNAME_READINGS = dict(
    pair.split(":")
    for pair in (
        "单:shan 仇:qiu 解:xie 曾:zeng 查:zha 区:ou 朴:piao 盖:ge 翟:zhai 冼:xian 缪:miao 任:ren 华:hua "
        "乐:yue 秘:bi 黑:he 逄:pang 召:shao 牟:mou 种:chong 覃:qin 葛:ge 贾:jia 费:fei 柏:bai 车:che "
        "尉:wei 燕:yan 应:ying 曲:qu 那:na 员:yun 祭:zhai 繁:po 句:gou 隗:wei 乜:nie 哈:ha 盛:sheng "
        "宁:ning 折:she 洗:xian 幺:yao 臧:zang 宓:mi 郗:chi 郇:xun 阚:kan 晁:chao 撒:sa 妥:tuo 冶:ye "
        "重:chong 长孙:zhangsun 万俟:moqi 尉迟:yuchi 澹台:tantai 令狐:linghu 鲜于:xianyu 亓官:qiguan"
    ).split()
)
#: What callers are called behind their surname, and the sex that says.
_TITLES = {
    "先生": "1", "大爷": "1", "大叔": "1", "叔叔": "1", "大哥": "1", "师傅": None, "老师": None,
    "女士": "2", "小姐": "2", "太太": "2", "阿姨": "2", "大妈": "2", "大娘": "2", "大姐": "2",
    "同志": None, "业主": None, "居民": None, "家长": None, "老板": None, "医生": None,
    "某": None, "某某": None, "先森": "1", "男士": "1", "夫人": "2", "奶奶": "2", "爷爷": "1",
}  # fmt: skip

_ILLEGIBLE = re.compile("[?\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd□■〓*_×●]")
_LATIN = re.compile("[a-z]+")
_HAN_NAME = re.compile(f"[{HAN}_]+")
#: So many characters is as far as one of the systems keeps a name.
_CUT = 12


@dataclass(frozen=True, slots=True)
class ReadName:
    """What a name says: missing parts are None."""

    #: The whole name, folded; None where it is only a surname with a title, or partly illegible.
    name: str | None = None
    #: A partly illegible name, with ``_`` for each sign that cannot be read.
    legible: str | None = None
    surname: str | None = None
    given: str | None = None
    #: ``1`` where a title stands instead of the given name.
    title: str | None = None
    title_sex: str | None = None
    #: How it sounds, without tones and without what speakers of the region do not tell apart.
    sound: str | None = None
    #: The name with each sign in turn left open, and its given name turned around, joined by
    #: ``|``: two names that share one of these differ by one slip.
    slips: str | None = None
    #: The name, where it is in Latin letters.
    latin: str | None = None


PARTS = tuple(part.name for part in fields(ReadName))


def read_names(said: pd.Series) -> pd.DataFrame:
    """Read a column of names into the columns `PARTS`."""
    codes, distinct = pd.factorize(said.astype("str"))
    written = pd.Series(distinct, dtype="str")
    # The folded key lacks the spaces that part Latin names, so both are read.
    both = written + "\x1f" + fold_names(written).fillna("")
    parts = read_parts(both, _read_both, len(PARTS))
    frame = pd.DataFrame(dict(zip(PARTS, parts, strict=True)), dtype="str")
    frame = frame.reindex(range(len(distinct) + 1)).astype("str")
    return frame.take(codes).set_axis(said.index)


def _read_both(both: str) -> tuple[str | None, ...]:
    written, folded = both.split("\x1f")
    read = read_name(written, folded)
    return tuple([getattr(read, part) for part in PARTS])


@lru_cache(maxsize=50_000)
def read_name(written: str, folded: str) -> ReadName:
    """Read one name, as written and as folded by `schemas.chinese.fold_names`."""
    tokens = _LATIN.findall(_without_accents(written))
    if tokens and not any(sign in HAN_SIGNS for sign in folded):
        # Which part is the surname, and which comes first, depends on who wrote it down.
        whole = " ".join(sorted(tokens))
        return ReadName(name=whole, sound=whole, latin=whole)
    text = _ILLEGIBLE.sub("_", folded)
    surname, rest = split_surname(text)
    if surname and rest in _TITLES:
        return ReadName(surname=surname, title="1", title_sex=_TITLES[rest])
    if "_" in text:
        return _illegible(text, surname, rest)
    sound = _sound(surname, rest)
    return ReadName(
        text or None, None, surname, rest or None, sound=sound or None, slips=_slips(text, rest)
    )


def split_surname(name: str) -> tuple[str | None, str]:
    """Part a name into surname and given name; names of peoples without surnames have none."""
    for length in (4, 3, 2):
        if name[:length] in COMPOUND_SURNAMES and len(name) > length:
            return name[:length], name[length:]
    if not name or name[0] == "_" or not _HAN_NAME.fullmatch(name):
        return None, name
    # Titles are as long as given names, so a title never lengthens a name beyond three.
    if name[0] in _SURNAMES and len(name) <= 4 or len(name) <= 3:
        return name[0], name[1:]
    return None, name


def _illegible(text: str, surname: str | None, rest: str) -> ReadName:
    if len(text.replace("_", "")) >= 2:
        return ReadName(legible=text, surname=surname)
    # 王** says no more than 王某.
    return ReadName(surname=surname, title="1") if surname else ReadName()


def _sound(surname: str | None, given: str) -> str:
    reading = _SURNAME_READINGS.get(surname or "") or _reading(surname or "")
    return _blurred(f"{reading} {_reading(given)}".strip())


def _slips(name: str, given: str) -> str | None:
    """List what a name may become by one slip; of two signs one is too much to be a slip."""
    if len(name) < 3:
        return None
    spots = range(len(name))
    found = [f"{name[:at]}_{name[at + 1 :]}" for at in spots]
    if len(name) > 3:
        found += [name, *(name[:at] + name[at + 1 :] for at in spots)]
    turned = "".join(sorted(given))
    return "|".join([*found, f"{name.removesuffix(given)}~{turned}"])


@cache
def _reading(text: str) -> str:
    return " ".join(lazy_pinyin(text, v_to_u=False)) if text else ""


def _blurred(sound: str) -> str:
    """Fold what much of the country says alike: zh and z, n and ng, l and n at the start."""
    sound = re.sub(r"\b([zcs])h", r"\1", sound)
    sound = re.sub(r"ng\b", "n", sound)
    return re.sub(r"\bn", "l", sound)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", written_name(text)).casefold()
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


class _HanSigns:
    """The set of Han characters, too large to be written out."""

    _one = re.compile(f"[{HAN}]")

    def __contains__(self, sign: object) -> bool:
        return isinstance(sign, str) and self._one.fullmatch(sign) is not None


HAN_SIGNS = _HanSigns()
