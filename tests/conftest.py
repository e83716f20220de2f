"""What every test may ask for: the infrastructure's fixtures, and the checklist's report."""

pytest_plugins = [
    "infra.looping",
    "infra.servers",
    "infra.databases",
    "infra.examples",
    "infra.running",
    "infra.plumbing",
    "infra.options",
    "infra.orders",
    "infra.chromium",
    "infra.quoting",
    "infra.partnering",
    "infra.killing",
    "infra.seeds",
    "infra.sharing",
    "infra.stripe_desk",
]
