"""The colours of the light and the dark scheme, and the measures of the window. Values only."""

from __future__ import annotations

from typing import NamedTuple


class Tokens(NamedTuple):
    """Every colour of one scheme. Percentages are those of CSS hsl()."""

    dark: bool
    bg: str  # behind panels
    panel: str  # list, cards, dialogs
    nav: str  # navigation and status bar
    line: str  # hairlines and borders
    text: str
    muted: str  # second-rank text; 4.5:1 on every background above
    accent: str
    accent_bg: str
    on_accent: str  # text on the accent colour
    selection: str
    hover: str
    outgoing: str  # bubble of what we wrote
    incoming: str
    note: str
    note_line: str
    warn: str
    warn_bg: str
    bad: str
    bad_bg: str
    good: str
    ok: str  # neutral chip
    ok_bg: str
    badge_ring: str
    shadow: str
    tag_saturation: int
    tag_lightness: int
    tag_text_lightness: int
    avatar_lightness: int
    avatar_text_lightness: int


LIGHT = Tokens(
    dark=False,
    bg="#F6F7F9",
    panel="#FFFFFF",
    nav="#EEF0F4",
    line="#E2E5EB",
    text="#171A21",
    muted="#5D677B",
    accent="#3B5BDB",
    accent_bg="#E7ECFF",
    on_accent="#FFFFFF",
    selection="#EDF1FF",
    hover="#F2F4F8",
    outgoing="#E7ECFF",
    incoming="#F1F3F6",
    note="#FFF6DB",
    note_line="#F0DFA0",
    warn="#B54708",
    warn_bg="#FEF0DC",
    bad="#B42318",
    bad_bg="#FEE9E7",
    good="#067647",
    ok="#344054",
    ok_bg="#EFF2F6",
    badge_ring="#FFFFFF",
    shadow="#1F101828",
    tag_saturation=70,
    tag_lightness=92,
    tag_text_lightness=28,
    avatar_lightness=88,
    avatar_text_lightness=28,
)

DARK = Tokens(
    dark=True,
    bg="#12141A",
    panel="#181B22",
    nav="#14161D",
    line="#272B35",
    text="#E7E9EE",
    muted="#98A1B2",
    accent="#8BA2FF",
    accent_bg="#232C52",
    on_accent="#181B22",
    selection="#212842",
    hover="#1E222B",
    outgoing="#263058",
    incoming="#20242E",
    note="#332C14",
    note_line="#574A1C",
    warn="#FDB25C",
    warn_bg="#3A2A12",
    bad="#FF8A80",
    bad_bg="#421F1C",
    good="#75E0A7",
    ok="#C3CAD6",
    ok_bg="#232833",
    badge_ring="#181B22",
    shadow="#80000000",
    tag_saturation=35,
    tag_lightness=20,
    tag_text_lightness=78,
    avatar_lightness=28,
    avatar_text_lightness=86,
)


class Sizes(NamedTuple):
    """Measures in device-independent pixels at a text size of 100 %."""

    navigation: int = 224
    list: int = 344
    sidebar: int = 288
    status_bar: int = 26
    row: int = 92
    avatar: int = 36
    badge: int = 15
    button: int = 30
    icon: int = 16
    radius_small: int = 5  # chips
    radius: int = 8  # buttons, fields
    radius_large: int = 12  # cards, bubbles


SIZES = Sizes()
