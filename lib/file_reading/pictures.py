"""Pictures, drawn anew: what was hidden in the file, or told where it was taken, does not get through."""

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from lib.file_reading.kinds import Kind
from lib.file_reading.limits import Limits, Refused
from lib.file_reading.limits import gettext_noop as _

SIDE = 2_048
"""Longest side that is kept: no model looks at more."""
THUMBNAIL_SIDE = 512
MOST_BYTES = 3_500_000
"""Vendors take 5 MB of base64."""
MOST_FRAMES = 120
FRAMES_SIDE = 480
MOST_SIDE = 30_000

_BROKEN = _("This picture is damaged or was not saved whole. Save it anew and attach that.")


def read(file: Path, kind: Kind, out: Path, limits: Limits) -> dict[str, Any]:
    """Write `file` and `thumbnail` into `out` and return what is known of the picture. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first, with a sentence
    try:
        with Image.open(file, formats=(kind.value,)) as picture:
            _check_size(picture, limits)
            frames = _frames_of(picture)
            _check_frames(picture, frames, limits)
            clean = _redrawn(picture, kind)
            size = _wrote_animation(picture, out / "file") if frames > 1 else None
            mime = "image/webp" if size else _write(clean, kind, out / "file")
    except Refused:
        raise
    except MemoryError:
        raise Refused(_("This picture is too large to be opened here. Make it smaller and attach that.")) from None
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, EOFError, IndexError, TypeError, KeyError):
        raise Refused(_BROKEN) from None
    width, height = size or clean.size
    clean.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    clean.save(out / "thumbnail", "WEBP", quality=80, method=4)
    return {"kind": "image", "mime": mime, "width": width, "height": height, "animated": bool(size)}


def _check_size(picture: Image.Image, limits: Limits) -> None:
    width, height = picture.size
    if width * height > limits.pixels or max(width, height) > MOST_SIDE:
        raise Refused(
            _(
                "This picture has %(width)s by %(height)s pixels; %(most)s million in all are the most. "
                "Make it smaller and attach that."
            ),
            width=width,
            height=height,
            most=limits.pixels // 1_000_000,
        )


def _frames_of(picture: Image.Image) -> int:
    """Count frames without reading more of them than are kept."""
    if not getattr(picture, "is_animated", False):
        return 1
    return int(getattr(picture, "n_frames", 1))


def _check_frames(picture: Image.Image, frames: int, limits: Limits) -> None:
    if frames > 1 and picture.format != "MPO" and frames * picture.width * picture.height > 20 * limits.pixels:
        raise Refused(_("This animation is too long or too large. Make it shorter or smaller and attach that."))


def _redrawn(picture: Image.Image, kind: Kind) -> Image.Image:
    """Return the upright first frame on a new canvas: no metadata comes along."""
    if kind == Kind.JPEG:
        picture.draft("RGB", (SIDE, SIDE))  # decodes a huge photograph at a fraction of its memory
    picture.seek(0)
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    drawn = _in_plain_colours(upright)
    drawn.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    canvas = Image.new(drawn.mode, drawn.size)
    canvas.paste(drawn)
    return canvas


def _in_plain_colours(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a wrong profile: its colours are taken as they are
    if "A" in picture.getbands() or "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L").convert("RGB")
    return picture.convert("RGB")


def _wrote_animation(picture: Image.Image, to: Path) -> tuple[int, int] | None:
    """Write a moving picture, smaller, and return its size; None where it is none, or too long to keep moving."""
    if picture.format not in ("GIF", "WEBP") or getattr(picture, "n_frames", 1) > MOST_FRAMES:
        return None
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        drawn = frame.convert("RGBA")
        drawn.thumbnail((FRAMES_SIDE, FRAMES_SIDE))
        canvas = Image.new("RGBA", drawn.size)
        canvas.paste(drawn)
        frames.append(canvas)
        durations.append(min(10_000, max(20, int(frame.info.get("duration") or 100))))
    frames[0].save(to, "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=70)
    return frames[0].size if to.stat().st_size <= MOST_BYTES * 2 else None


def _write(picture: Image.Image, kind: Kind, to: Path) -> str:
    has_alpha = picture.mode == "RGBA"
    if kind in (Kind.PNG, Kind.GIF):
        picture.save(to, "PNG", optimize=picture.width * picture.height < 4_000_000)
        if to.stat().st_size <= MOST_BYTES:
            return "image/png"
    if has_alpha or kind == Kind.WEBP:
        picture.save(to, "WEBP", quality=88, method=4)
        return "image/webp"
    picture.save(to, "JPEG", quality=88, optimize=True, progressive=True)
    return "image/jpeg"
