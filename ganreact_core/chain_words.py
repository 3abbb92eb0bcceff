"""What the steps of a chain and their settings are called, and what they do, for people who read no code."""

from __future__ import annotations

STEPS = {
    "normalise": "Stretch the curve, so that its lowest value is 0 and its highest 1",
    "percentile_clip": "Stretch the curve by its usual peaks: one loud hit no longer makes all others small",
    "smooth": "Let the curve rise and fall softly",
    "moving_average": "Take the mean over a stretch around each frame",
    "attack_release": "Rise quickly and fall slowly, or the other way round",
    "gate": "Nothing below a threshold; what is above keeps its value",
    "emphasise": "Make what lies above a threshold, or below it, stronger than the rest",
    "expand": "Make strong parts stronger and weak ones weaker",
    "compress": "Bring strong and weak parts nearer to each other",
    "multiply_clip": "Multiply, and cut at 1: what was strong enough becomes full",
    "clip": "Cut off what lies below and above, and stretch what is left",
    "power": "Keep only the strong parts, or lift the weak ones",
    "invert": "Turn it over: 1 where it was 0",
    "accumulate": "Add everything up and begin again at 1: how loud it is becomes how fast it goes",
    "delay": "Let it come later",
    "highest": "Take the higher one of this envelope and another",
    "product": "Multiply with another envelope: only where both are up",
    "duck": "Give way where another envelope is up",
}
"""Name of a step -> what it does."""

SETTINGS = {
    "percent": ("Peaks Kept", "Share of the peaks, in percent, that stay below full"),
    "sigma_s": ("Softness (s)", "How far it is smeared, in seconds"),
    "causal": ("Looks Ahead", "1 smears alike to both sides; 0 lets nothing move before its cause"),
    "window_s": ("Window (s)", "Length of the stretch, in seconds"),
    "attack_s": ("Attack (s)", "How long it takes to rise, in seconds; 0 is at once"),
    "release_s": ("Release (s)", "How long it takes to fall, in seconds; 0 is at once"),
    "threshold": ("Threshold", "The level, 0 to 1, at which it begins to act"),
    "ratio": ("Ratio", "How much stronger: 2 is twice"),
    "below": ("Below", "1 acts on what lies below the threshold, 0 on what lies above"),
    "factor": ("Factor", "What it is multiplied by"),
    "low": ("Low", "This level becomes 0"),
    "high": ("High", "This level becomes 1"),
    "exponent": ("Exponent", "Above 1 keeps only the strong, below 1 lifts the weak"),
    "turn_s": ("Turn (s)", "Seconds at full level until it begins again"),
    "delay_s": ("Later by (s)", "Seconds; earlier where negative"),
    "amount": ("Amount", "How far: 1 gives way wholly"),
}
"""Name of a setting -> its label, and what it means."""
