"""The soak: long, hostile runs of the renderer, each part a function (nursery, how many) -> figures. See docs/reliability.md."""
