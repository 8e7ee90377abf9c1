"""Names of video files as release groups, broadcasters and home users write them. All are composed."""

from collections.abc import Iterator
from random import Random


def _listed(text: str) -> list[str]:
    return text.split("|")


_TITLES = _listed(
    "Harbour Lights|The Long Winter|DV|HDR|Atmos|SDR|PQ|HLG|Advent|Dovid Meyer|Davos|1917|2012|Blade 2049|"
    "Sony DV Days|The HD DV Tapes|Dolby Vision Demo|DTS X|True HD|HDR10 Explained|Atmosphere|Catmosis|Spq|1984|"
    "Movie|Game of Crowns|Mini DV|x264|24|4K|Hdrezka|Night 7 1|Die DTS|Amélie|Фильм"
)
_PLACES = (
    "",
    "2021",
    "(2019)",
    "[1998]",
    "S01E02",
    "s1e1",
    "S01E02E03",
    "1x05",
    "12x101",
    "S02",
    "1899",
    "2100",
    "2024",
)
_SIZES = ("", "1080p", "2160p", "720p", "576i", "4K", "UHD", "480p", "1440p", "4320p", "1080", "1920x1080", "2160p60")
_PICTURES = _listed(
    "DV|DoVi|Dolby Vision|DolbyVision|dvhe.08|dvh1|dav1|dav1d|DV.P5|DV P8.1|DVP7|DVHDR|DVHDR10|DVHDR10+|DVHDR10P|"
    "DVHDR10Plus|DV.HDR10+|HDR10+|HDR10Plus|HDR10 Plus|HDR10P|HDR10.P5|HDR 10|HDR-10|HDR10|HDR|HDR.10bit|HDR.1080p|"
    "HDRip|HDR1000|DisplayHDR|HDR10++|HDR10+DV|PQ|PQ10|SMPTE2084|SMPTE ST 2084|SMPTE.2084|HLG|HLG10|HLG100|SDR|"
    "MiniDV|Mini DV|Sony DV|Digital.DV|HD DV|UHD.DV|DV PAL|DV.NTSC|DV AVI|DV-CAM|DVCAM|DV 25|DV.50|DV.50fps|DV tape|"
    "DVD5|DVDRip|10bit|DV.DV|DV.P8.1.PAL|DVP50|Dovi8|Dovish"
)
_SOUNDS = _listed(
    "Atmos|DDPA5.1|DDPA|DDPAX|TrueHDA7.1|TrueHD|True-HD|TrueHD7.1|TrueHD.Atmos.7.1|TrueHD7.1Atmos|DDP5.1.Atmos|DTS-X|"
    "DTS:X|DTSX|DTS X 7.1|DTSX7.1|DTS-X5 1|DTSX71|DTSX6.1|DTS.x264|DTS x 264|DTS.x.265|DTS-x-266|DTS-X.x265|DTSXY|"
    "DTS-HD MA|DTS-HD.MA.5.1|DTSHDMA|DTS-HD-MA5.1|DTS-HD Master Audio|DTSHD.Master|DTS (MA)|DTS(MA)|DTS-MA|DTSMA|"
    "DTS-HD|DTS-HD HRA|DTS Max|DTS|DD5.1|AC3|AAC2.0|FLAC|EAC3|5.1|7.1|Atmospheric|DTS-HD.Mastered"
)
_ENDINGS = ("mkv", "mp4", "m2ts", "avi", "ts", "mpg", "dv", "vob", "wmv", "3gp", "webm", "mov")


def invented_names(count: int, *, seed: int) -> Iterator[str]:
    """The same names for the same seed."""
    chance = Random(seed)
    for _ in range(count):
        parts = [chance.choice(_TITLES), chance.choice(_PLACES), chance.choice(_SIZES)]
        parts += chance.choices(_PICTURES, k=chance.randrange(3)) + chance.choices(_SOUNDS, k=chance.randrange(3))
        parts += chance.choices(["", "WEB-DL", "REMUX", "x265", "HEVC"], k=1)
        if chance.random() < 0.3:
            chance.shuffle(parts)
        yield _written(chance, [part for part in parts if part])


def _written(chance: Random, parts: list[str]) -> str:
    blank = chance.choice([" ", ".", "_", ".", " - ", " [", "+", "", "-"])
    if blank == "":
        blank = chance.choice([".", " "])
    name = blank.join(parts)
    if blank in "._":
        name = name.replace(" ", blank)
    name = chance.choice([name, name, name.upper(), name.lower()])
    folder = chance.choice(["", "/films/", "C:\\Films\\", "/DV HDR10+ Atmos 2021/"])
    group = chance.choice(["", "", "-GRP", "-DV", "-HDR"])
    return f"{folder}{name}{group}.{chance.choice(_ENDINGS)}"
