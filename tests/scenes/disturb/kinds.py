"""Every disturbance by its name."""

from tests.scenes.disturb import light, tamper, weather
from tests.scenes.disturb.base import Disturber

KINDS: dict[str, type[Disturber]] = {
    "none": Disturber,
    "rain": weather.Rain,
    "insects": weather.Insects,
    "web": weather.Web,
    "trees": weather.Trees,
    "clouds": weather.Clouds,
    "tree-shade": weather.TreeShade,
    "headlights": light.Headlights,
    "lamp": light.Lamp,
    "lamp-off": light.LampOff,
    "exposure": light.Exposure,
    "noise": light.Noise,
    "shake": light.Shake,
    "ir-switch": light.InfraredSwitch,
    "dusk": light.Dusk,
    "cover-bag": tamper.Cover,
    "cover-hand": tamper.Cover,
    "cover-slow": tamper.Cover,
    "turn": tamper.Turn,
    "defocus": tamper.Defocus,
    "blind": tamper.Blind,
    "dark": tamper.Dark,
}
