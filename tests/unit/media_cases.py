"""Composed streams and file names, each with the reason why it reads as it does."""

from dataclasses import dataclass

from earshelf.domain.loose_values import Loose
from earshelf.domain.media_payloads import AudioStream, VideoStream


@dataclass(frozen=True)
class Picture:
    why: str
    stream: VideoStream | None
    path: str | None
    expected: str


@dataclass(frozen=True)
class Sound:
    why: str
    stream: AudioStream | None
    part: Loose
    path: str | None
    expected: str | None


_PQ: VideoStream = {"codec": "hevc", "colorTrc": "smpte2084", "bitDepth": 10}
_HLG: VideoStream = {"codec": "hevc", "colorTrc": "arib-std-b67", "bitDepth": 10}
_UNKNOWN_HDR: VideoStream = {"codec": "hevc", "displayTitle": "4K (HEVC Main 10 HDR)", "bitDepth": 10}

STREAMS = [
    Picture(
        "flag and profile 5",
        {"codec": "hevc", "DOVIPresent": True, "DOVIProfile": 5, "DOVIBLCompatID": 0, "bitDepth": 10},
        "/m/A (2021)/A (2021).mkv",
        "Dolby Vision",
    ),
    Picture("a flag as text", {"codec": "hevc", "DOVIPresent": "1", "colorTrc": "bt709"}, None, "Dolby Vision"),
    Picture("a flag in words", {"codec": "hevc", "DOVIPresent": "True"}, None, "Dolby Vision"),
    Picture(
        "a flag as one, over HLG",
        {"codec": "hevc", "DOVIPresent": 1, "DOVIProfile": 8, "DOVIBLCompatID": 4, "colorTrc": "arib-std-b67"},
        "/m/phone.mov",
        "Dolby Vision",
    ),
    Picture("a profile as text without the flag", {"codec": "hevc", "DOVIProfile": "7"}, None, "Dolby Vision"),
    Picture("profile 0 is none", {"codec": "hevc", "DOVIProfile": 0, "DOVIPresent": "0"}, None, "SDR"),
    Picture("a flag that is false", {**_PQ, "DOVIPresent": False}, None, "HDR10"),
    Picture("a flag that is false in words", {**_PQ, "DOVIPresent": "false"}, None, "HDR10"),
    Picture(
        "profile 10 of AV1",
        {"codec": "av1", "DOVIPresent": True, "DOVIProfile": 10, "DOVIBLCompatID": 1, "colorTrc": "smpte2084"},
        None,
        "Dolby Vision",
    ),
    Picture(
        "the flag wins over another server's word", {"DOVIPresent": 1, "videoRangeType": "SDR"}, None, "Dolby Vision"
    ),
    Picture("another server's hybrid", {"codec": "hevc", "videoRangeType": "DOVIWithHDR10"}, None, "Dolby Vision"),
    Picture("another server's DV", {"videoRangeType": "DV8"}, None, "Dolby Vision"),
    Picture("another server's HDR10+", {"videoRangeType": "HDR10Plus"}, None, "HDR10+"),
    Picture("another server's HDR10+ with its sign", {"videoRangeType": "hdr10+"}, None, "HDR10+"),
    Picture("another server's HDR10", {"videoRangeType": "HDR10"}, "/m/A.2021.HDR10+.DoVi.mkv", "HDR10"),
    Picture("another server's PQ", {"videoRangeType": "PQ"}, None, "HDR10"),
    Picture("another server's HLG", {"videoRangeType": "HLG"}, None, "HLG"),
    Picture("another server's HDR", {"videoRangeType": "HDR"}, None, "HDR"),
    Picture("another server's SDR", {"codec": "hevc", "videoRangeType": "SDR"}, "/m/A.2021.HDR10.mkv", "SDR"),
    Picture("another server's shrug", {**_PQ, "videoRangeType": "Unknown"}, None, "HDR10"),
    Picture("a title", {"codec": "hevc", "displayTitle": "4K DoVi/HDR10 (HEVC Main 10)"}, None, "Dolby Vision"),
    Picture("the long title", {**_PQ, "extendedDisplayTitle": "Dolby Vision 4K"}, None, "Dolby Vision"),
    Picture("DV alone in a title may be anything", {"displayTitle": "DV (HEVC Main 10)"}, None, "SDR"),
    Picture("HDR10+ in a title", {**_PQ, "displayTitle": "4K HDR10+ (HEVC Main 10)"}, None, "HDR10+"),
    Picture("HDR10+ as a flag", {**_PQ, "HDR10PlusPresent": "1"}, "/m/A.2021.DV.mkv", "HDR10+"),
    Picture("the PQ curve", _PQ, "/m/A.mkv", "HDR10"),
    Picture("the PQ curve in capitals", {"colorTrc": "SMPTE2084"}, None, "HDR10"),
    Picture("the PQ curve is measured, the name not asked", _PQ, "/m/A.2021.SDR.HLG.mkv", "HDR10"),
    Picture("the HLG curve", _HLG, "/m/A.mkv", "HLG"),
    Picture("HDR10 in a title", {"displayTitle": "4K HDR10 (HEVC Main 10)"}, None, "HDR10"),
    Picture("HLG in a title", {"displayTitle": "1080p HLG (HEVC Main 10)"}, None, "HLG"),
    Picture("HDR in an old title", _UNKNOWN_HDR, None, "HDR"),
    Picture("a title wins over an SDR curve", {**_UNKNOWN_HDR, "colorTrc": "bt709"}, None, "HDR"),
    Picture("an SDR title", {"codec": "h264", "displayTitle": "1080p (H.264)"}, None, "SDR"),
    Picture("Main 10 is no HDR10", {"codec": "hevc", "displayTitle": "4K (HEVC Main 10)"}, None, "SDR"),
    Picture("a name adds DV to PQ", _PQ, "/m/A.2021.2160p.DV.HEVC.mkv", "Dolby Vision"),
    Picture("a name adds DV to HLG", _HLG, "/m/A.2021.2160p.DoVi.HEVC.mkv", "Dolby Vision"),
    Picture("a name adds DV to HDR", _UNKNOWN_HDR, "/m/A.2021.2160p.DV.HDR10.mkv", "Dolby Vision"),
    Picture("a name adds HDR10+ to PQ", _PQ, "/m/A.2021.2160p.HDR10+.HEVC.mkv", "HDR10+"),
    Picture("a name adds HDR10+ to HDR", _UNKNOWN_HDR, "/m/A.2021.HDR10Plus.mkv", "HDR10+"),
    Picture("a name adds no HDR10+ to HLG", _HLG, "/m/A.2021.HDR10+.mkv", "HLG"),
    Picture("a name tells HDR as HDR10", _UNKNOWN_HDR, "/m/A.2021.HDR10.mkv", "HDR10"),
    Picture("a name tells HDR as PQ", _UNKNOWN_HDR, "/m/A.2021.PQ.mkv", "HDR10"),
    Picture("a name tells HDR as HLG", _UNKNOWN_HDR, "/m/A.2021.HLG.mkv", "HLG"),
    Picture("a name cannot take HDR away", _UNKNOWN_HDR, "/m/A.2021.SDR.mkv", "HDR"),
    Picture("VP9 carries no DV", {**_PQ, "codec": "vp9"}, "/m/A.2021.DV.webm", "HDR10"),
    Picture("MPEG-4 carries no DV", {"codec": "mpeg4"}, "/m/A.2021.DoVi.mkv", "SDR"),
    Picture("VVC carries DV", {"codec": "VVC"}, "/m/A.2021.DV.mkv", "Dolby Vision"),
    Picture("H.264 carries DV", {"codec": "h264"}, "/m/A.2021.DV.mkv", "Dolby Vision"),
    Picture("AV1 carries DV", {"codec": "av1"}, "/m/A.2021.DV.mkv", "Dolby Vision"),
    Picture(
        "BT.2020 colours with an SDR curve",
        {**_PQ, "displayTitle": "4K (HEVC Main 10)", "colorPrimaries": "bt2020", "colorTrc": "bt709"},
        "/m/A.2021.HDR.mkv",
        "SDR",
    ),
    *(
        Picture(f"the curve {curve}", {"codec": "hevc", "bitDepth": 10, "colorTrc": curve}, "/m/A.2021.DV.mkv", "SDR")
        for curve in ("smpte170m", "smpte240m", "bt470bg", "bt470m", "iec61966-2-1", "iec61966-2-4")
    ),
    Picture("the curve of 10 bit BT.2020", {"colorTrc": "bt2020-10"}, "/m/A.2021.HDR10.mkv", "SDR"),
    Picture("the curve of 12 bit BT.2020", {"colorTrc": "bt2020-12"}, "/m/A.2021.HDR10.mkv", "SDR"),
    Picture("8 bits", {"codec": "h264", "bitDepth": 8}, "/m/A.2021.2160p.DV.HDR10.mkv", "SDR"),
    Picture("8 bits as text", {"codec": "h264", "bitDepth": "8"}, "/m/A.2021.DoVi.mkv", "SDR"),
    Picture("10 bits say nothing", {"codec": "hevc", "bitDepth": 10}, "/m/A.2021.HDR.mkv", "HDR"),
    Picture("a curve nobody knows", {"codec": "hevc", "colorTrc": "log"}, "/m/A.2021.HLG.mkv", "HLG"),
    Picture("an empty stream", {}, "/m/A.2021.HDR10.mkv", "HDR10"),
    Picture("nothing at all", None, None, "SDR"),
    Picture("absent values", {"codec": None, "colorTrc": None, "bitDepth": None, "displayTitle": None}, "", "SDR"),
]

NAMES = [
    Picture(path, None, path, expected)
    for path, expected in [
        ("/m/Movie.2024.DoVi.mkv", "Dolby Vision"),
        ("/m/Movie.2024.Dolby.Vision.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DolbyVision.mkv", "Dolby Vision"),
        ("/m/Movie.2024.Dolby-Vision.mkv", "Dolby Vision"),
        ("/m/Movie.2024.dvhe.08.mkv", "Dolby Vision"),
        ("/m/Movie.2024.dvh1.mp4", "Dolby Vision"),
        ("/m/Movie.2024.dvav.mp4", "Dolby Vision"),
        ("/m/Movie.2024.dav1.mp4", "Dolby Vision"),
        ("/m/Movie.2024.dav1d.mkv", "SDR"),
        ("/m/DoVi Movie 2024.mkv", "Dolby Vision"),
        ("/m/Movie.2024.2160p.DV.HDR10+.mkv", "Dolby Vision"),
        ("/m/Movie.2024.2160p.DV.HDR.mkv", "Dolby Vision"),
        ("/m/Movie.2024.2160p.DV.P8.1.mkv", "Dolby Vision"),
        ("/m/Movie.2024.2160p.DVP5.mkv", "Dolby Vision"),
        ("/m/Movie.2024.2160p.DV.P50.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DVP50.mkv", "SDR"),
        ("/m/Movie.2024.DVHDR.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DVHDR10.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DVHDR10+.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DVHDR10P.mkv", "Dolby Vision"),
        ("/m/Movie.2024.DVHDR10Plus.mkv", "Dolby Vision"),
        ("/m/Movie.2024.HDR-DV.mkv", "Dolby Vision"),
        ("/m/Movie [DV].mkv", "Dolby Vision"),
        ("/media/DV HDR/Movie (2024).mkv", "SDR"),
        ("C:\\Films\\Dolby Vision\\Movie (2024).mkv", "SDR"),
        ("/m/DV (2019)/DV (2019) 1080p.mkv", "SDR"),
        ("/m/HDR (2021).mkv", "SDR"),
        ("/m/HDR10 (2021).mkv", "HDR10"),
        ("/m/Movie.2024.HDR10+.mkv", "HDR10+"),
        ("/m/Movie.2024.HDR10Plus.mkv", "HDR10+"),
        ("/m/Movie.2024.HDR10.Plus.mkv", "HDR10+"),
        ("/m/Movie.2024.HDR-10+.mkv", "HDR10+"),
        ("/m/Movie.2024.HDR10P.mkv", "HDR10+"),
        ("/m/Movie.2024.HDR10++.mkv", "SDR"),
        ("/m/Movie.2024.HDR10+x265.mkv", "SDR"),
        ("/m/Movie.2024.HDR10.mkv", "HDR10"),
        ("/m/Movie.2024.HDR.10.mkv", "HDR10"),
        ("/m/Movie.2024.HDR10.P5.mkv", "HDR10"),
        ("/m/Movie.2024.HDR10.1080p.mkv", "HDR10"),
        ("/m/Movie.2024.HDR10.P.mkv", "HDR10"),
        ("/m/Movie.2024.HDR.10bit.mkv", "HDR"),
        ("/m/Movie.2024.HDR.1080p.mkv", "HDR"),
        ("/m/Movie.2024.HDR100.mkv", "SDR"),
        ("/m/Movie.2024.PQ.mkv", "HDR10"),
        ("/m/Movie.2024.PQ10.mkv", "HDR10"),
        ("/m/Movie.2024.SMPTE2084.mkv", "HDR10"),
        ("/m/Movie.2024.SMPTE.ST.2084.mkv", "HDR10"),
        ("/m/PQ.2024.1080p.mkv", "SDR"),
        ("/m/Movie.2024.HLG.mkv", "HLG"),
        ("/m/Movie.2024.HLG10.mkv", "HLG"),
        ("/m/Movie.2024.HLG100.mkv", "SDR"),
        ("/m/HLG.2024.mkv", "SDR"),
        ("/m/Movie.2024.HDR.mkv", "HDR"),
        ("/m/Movie.2024.HDR_x265.mkv", "HDR"),
        ("/m/Movie.2024.HLG.HDR.mkv", "HLG"),
        ("/m/Movie.2024.HDR.HDR10.HLG.mkv", "HDR10"),
        ("/m/Movie.2024.SDR.mkv", "SDR"),
        ("/m/Movie.2024.SDR.from.HDR10.mkv", "SDR"),
        ("/m/SDR.2024.HDR10.mkv", "HDR10"),
        ("/m/Movie.1999.DVD5.mkv", "SDR"),
        ("/m/Movie.1999.HDVD.DVDRip.mkv", "SDR"),
        ("/m/Game.of.Thrones.S02E03.Davos.1080p.mkv", "SDR"),
        ("/m/Advance (2020) 1080p.mkv", "SDR"),
        ("/m/Movie.2024.DisplayHDR1000.mkv", "SDR"),
        ("/m/Movie.2024.HDRip.mkv", "SDR"),
        ("/m/Movie.2024.HDTV.mkv", "SDR"),
        ("/m/Dovid.Meyer.2011.mkv", "SDR"),
        ("/m/Movie.2024.DoVi5.mkv", "Dolby Vision"),
        ("/m/1917.2019.2160p.DV.mkv", "Dolby Vision"),
        ("/m/1917.DV.2019.mkv", "SDR"),
        ("/m/1917 DV.mkv", "Dolby Vision"),
        ("/m/DV S01E02 Pilot.mkv", "SDR"),
        ("/m/Show S01E02E03 DV.mkv", "Dolby Vision"),
        ("/m/DV 1x02 Pilot.mkv", "SDR"),
        ("/m/DV 1080i Pilot.mkv", "SDR"),
        ("/m/DV 4K Pilot.mkv", "SDR"),
        ("/m/DV UHD Pilot.mkv", "SDR"),
        ("/m/DV 1920x1080 Pilot.mkv", "Dolby Vision"),
        ("/m/DV 640x480 Pilot.mkv", "Dolby Vision"),
        ("/m/Show - S01E01 - DV Days.mkv", "Dolby Vision"),
        ("/m/Home.1998.DV.avi", "SDR"),
        ("/m/Home.1998.DoVi.avi", "Dolby Vision"),
        *((f"/m/Home.1998.DV.{ending}", "SDR") for ending in ("dv", "mpg", "mpeg", "vob", "WMV", "3gp")),
        *((f"/m/Home.1998.{word}.DV.mkv", "SDR") for word in ("Mini", "Sony", "Digital", "HD")),
        ("/m/Home.1998.MiniDV.mkv", "SDR"),
        ("/m/Home.2022.UHD.DV.mkv", "Dolby Vision"),
        *(
            (f"/m/Home.1998.DV.{word}.mkv", "SDR")
            for word in ("PAL", "NTSC", "AVI", "CAM", "Camcorder", "tape", "25", "50")
        ),
        ("/m/Home.1998.DV.P5.PAL.mkv", "SDR"),
        ("/m/Home.1998.DV.PAL.DV.mkv", "Dolby Vision"),
        ("/m/Home.1998.DV.Palermo.mkv", "Dolby Vision"),
        ("/m/Home.1998.Hd DV DV.mkv", "Dolby Vision"),
        ("Movie.2024.DV.mkv", "Dolby Vision"),
        ("/m/Фильм.2024.HDR10.mkv", "HDR10"),
        ("/m/映画HDR10.2024.mkv", "SDR"),
        ("/m/", "SDR"),
        ("/m/.mkv", "SDR"),
    ]
]

_DTS: AudioStream = {"codec": "dca"}
_CORE: AudioStream = {"codec": "dca", "profile": "dts", "displayTitle": "English (DTS 5.1)"}

TRACKS = [
    Sound(
        "all agree",
        {
            "codec": "truehd",
            "profile": "dolby truehd + dolby atmos",
            "displayTitle": "English (TRUEHD 7.1 + Atmos)",
            "extendedDisplayTitle": "TrueHD Atmos 7.1 (English)",
        },
        None,
        None,
        "Dolby Atmos",
    ),
    Sound("a track's title", {"codec": "truehd", "title": "Atmos"}, None, None, "Dolby Atmos"),
    Sound("a profile", {"codec": "truehd", "profile": "Dolby TrueHD + Dolby Atmos"}, None, None, "Dolby Atmos"),
    Sound("TrueHD", {"codec": "truehd"}, None, None, "Dolby TrueHD"),
    Sound("MLP", {"codec": "mlp"}, None, None, "Dolby TrueHD"),
    Sound("TrueHD in capitals", {"codec": "TRUEHD"}, "ma", "/m/A.2021.DTS-X.mkv", "Dolby TrueHD"),
    Sound("TrueHD and a name", {"codec": "truehd"}, None, "/m/A.2021.TrueHD.Atmos.mkv", "Dolby Atmos"),
    Sound("TrueHD and a title with the word", {"codec": "truehd"}, None, "/m/Atmos.2021.mkv", "Dolby TrueHD"),
    Sound("E-AC-3", {"codec": "eac3", "profile": "dolby digital plus + dolby atmos"}, None, None, "Dolby Atmos"),
    Sound("joint object coding", {"codec": "ec-3", "profile": "JOC"}, None, None, "Dolby Atmos"),
    Sound("plain E-AC-3", {"codec": "eac3"}, "ma", "/m/A.2021.DTS-X.TrueHD.mkv", None),
    Sound(
        "E-AC-3 and a name",
        {"codec": "eac3", "displayTitle": "English (EAC3 5.1)"},
        None,
        "/m/A.2021.WEB-DL.DDPA5.1.mkv",
        "Dolby Atmos",
    ),
    Sound("AC-4", {"codec": "ac4", "displayTitle": "English (AC4 Atmos)"}, None, None, "Dolby Atmos"),
    Sound("AC-4 and a name", {"codec": "ac4"}, None, "/m/A.2021.Atmos.mkv", "Dolby Atmos"),
    Sound("AC-4 with its dash", {"codec": "AC-4"}, None, "/m/A.2021.Atmos.mkv", "Dolby Atmos"),
    Sound("plain AC-4", {"codec": "ac4"}, None, None, None),
    Sound("MA", {"codec": "dca", "profile": "ma"}, None, None, "DTS-HD MA"),
    Sound("MA as the codec", {"codec": "dca-ma"}, None, None, "DTS-HD MA"),
    Sound("MA in full", {"codec": "dts", "profile": "DTS-HD MA"}, None, None, "DTS-HD MA"),
    Sound(
        "MA in the texts",
        {
            "codec": "dca",
            "displayTitle": "English (DTS-HD MA 5.1)",
            "extendedDisplayTitle": "DTS (MA) / 2181 kbps / 48 KHz (English)",
        },
        None,
        None,
        "DTS-HD MA",
    ),
    Sound("MA in brackets", {"codec": "dca", "extendedDisplayTitle": "DTS (MA) / 2181 kbps"}, None, None, "DTS-HD MA"),
    Sound("a text wins over a core profile", {**_CORE, "title": "DTS-HD Master Audio"}, None, None, "DTS-HD MA"),
    Sound(
        "X over MA",
        {"codec": "dca", "profile": "ma", "extendedDisplayTitle": "DTS-X 7.1 (English)"},
        None,
        None,
        "DTS:X",
    ),
    Sound("X in the profile", {"codec": "dca", "profile": "DTS-HD MA + DTS:X IMAX"}, None, None, "DTS:X"),
    Sound("X as the profile", {"codec": "dca", "profile": "x"}, None, None, "DTS:X"),
    Sound("X in the name of MA", {"codec": "dca", "profile": "ma"}, None, "/m/A.2021.DTS-X.mkv", "DTS:X"),
    Sound("X in the name of DTS", _DTS, None, "/m/A.2021.DTS-X.DTS-HD.MA.mkv", "DTS:X"),
    Sound("a core and a name with X", _CORE, None, "/m/A.2021.DTS-X.mkv", None),
    Sound("a core and a name with MA", _CORE, "dts", "/m/A.2021.DTS-HD.MA.mkv", None),
    Sound("a core and a part with MA", _CORE, "ma", None, None),
    *(
        Sound(f"the core {word}", {"codec": "dca", "profile": word}, "ma", "/m/A.2021.DTS-HD.MA.mkv", None)
        for word in ("es", "hra", "express", "96/24")
    ),
    Sound("a part's profile", _DTS, "ma", None, "DTS-HD MA"),
    Sound("a part's profile in capitals", _DTS, "MA", None, "DTS-HD MA"),
    Sound("a name", _DTS, "dts", "/m/A.2021.DTS-HD.MA.mkv", "DTS-HD MA"),
    Sound("DTS", _DTS, None, None, None),
    Sound("DTS in an Atmos file", _DTS, None, "/m/A.2021.TrueHD.Atmos.mkv", None),
    Sound("Atmos in the text of DTS", {"codec": "dca", "title": "Atmos"}, None, None, None),
    Sound(
        "AC-3 in a release name",
        {"codec": "ac3", "extendedDisplayTitle": "Antiviral.2012.1080p.BluRay.DTS.x264-CHD"},
        None,
        None,
        None,
    ),
    Sound("AC-3 is never asked further", {"codec": "ac3", "title": "Atmos"}, "ma", "/m/A.2021.DTS-X.mkv", None),
    Sound("a downmix", {"codec": "aac", "title": "Atmos downmix"}, None, None, None),
    *(
        Sound(f"plain {codec}", {"codec": codec, "title": "TrueHD Atmos"}, "ma", "/m/A.2021.DTS-X.mkv", None)
        for codec in ("flac", "pcm", "opus", "mp3", "vorbis")
    ),
    Sound("another server's DTS:X", {"audioSpatialFormat": "DTSX", "codec": "dts"}, None, None, "DTS:X"),
    Sound("another server's Atmos", {"audioSpatialFormat": "DolbyAtmos", "codec": "eac3"}, None, None, "Dolby Atmos"),
    Sound("another server's nothing", {"audioSpatialFormat": "None", "codec": "eac3"}, None, None, None),
    Sound("Atmos without a codec", {"displayTitle": "English (TRUEHD 7.1 + Atmos)"}, "ma", None, "Dolby Atmos"),
    Sound("joc without a codec", {"profile": "joc"}, None, None, "Dolby Atmos"),
    Sound(
        "X without a codec",
        {"extendedDisplayTitle": "English (DTS-X 7.1)"},
        None,
        "/m/Movie.TrueHD.Atmos.mkv",
        "DTS:X",
    ),
    Sound("MA without a codec", {"displayTitle": "DTS-HD MA TrueHD"}, None, None, "DTS-HD MA"),
    Sound("TrueHD without a codec", {"title": "True HD"}, "ma", None, "Dolby TrueHD"),
    Sound("a profile without a codec", {"profile": "dolby truehd"}, "ma", None, "Dolby TrueHD"),
    Sound("a part without a codec", {"codec": ""}, "ma", "/m/A.2021.TrueHD.Atmos.mkv", "DTS-HD MA"),
    Sound("an empty track", {}, None, "/m/A.2021.TrueHD.mkv", "Dolby TrueHD"),
    Sound("absent values", {"codec": None, "profile": None, "title": None}, None, None, None),
    Sound("nothing at all", None, None, None, None),
]

SOUND_NAMES = [
    Sound(path, None, None, path, expected)
    for path, expected in [
        ("/m/Movie.TrueHD.Atmos.mkv", "Dolby Atmos"),
        ("/m/Movie.TrueHD.Atmos.DTS-X.mkv", "Dolby Atmos"),
        ("/m/Movie.Atmos.DTS-X.mkv", "DTS:X"),
        ("/m/Movie.EAC3.Atmos.mkv", "Dolby Atmos"),
        ("/m/Movie.2021.DDPA.mkv", "Dolby Atmos"),
        ("/m/Movie.2021.DDPAX.mkv", None),
        ("/m/Movie.2021.TrueHDA7.1.mkv", "Dolby Atmos"),
        ("/m/Movie.2021.True-HD.7.1.mkv", "Dolby TrueHD"),
        ("/m/Movie.2021.TrueHD7.1.mkv", "Dolby TrueHD"),
        ("/m/Movie.2021.TrueHDs.mkv", None),
        ("/m/True HD 2021.mkv", None),
        ("/m/Movie.2021.TrueHD.DTS-HD.MA.mkv", "Dolby TrueHD"),
        ("/m/Movie.2021.DTS-HD-MA.5.1.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTS-HDMA5.1.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTSHD.Master.Audio.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTS-HD.Master.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTS.(MA).mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTS-MA.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTSMA.mkv", "DTS-HD MA"),
        ("/m/Movie.2021.DTS.Mali.mkv", None),
        ("/m/Movie.2021.DTS-HD.5.1.mkv", None),
        ("/m/Movie.2021.DTS-HD.HRA.mkv", None),
        ("/m/Movie.2021.DTSX.7.1.mkv", "DTS:X"),
        ("/m/Movie.2021.DTSX7.1.mkv", "DTS:X"),
        ("/m/Movie.2021.DTS-X5 1.mkv", "DTS:X"),
        ("/m/Movie.2021.DTS-X6.1.mkv", None),
        ("/m/Movie.2021.DTS X.mkv", "DTS:X"),
        ("/m/Movie.2021.DTS:X.mkv", "DTS:X"),
        ("/m/Movie.2021.DTS.x264.mkv", None),
        ("/m/Movie.2021.DTS.x.264.mkv", None),
        *((f"/m/Movie.2021.DTS.x-{codec}.mkv", None) for codec in ("263", "265", "266")),
        ("/m/Movie.2021.DTS-X.x264.mkv", "DTS:X"),
        ("/m/Movie.2021.DTSXLL.mkv", None),
        ("/m/Atmos (2019) 1080p AAC.mkv", None),
        ("/m/Atmosphere.S01E01.Atmospheric.mkv", None),
        ("/music/Atmos/Movie (2019).mkv", None),
    ]
]
