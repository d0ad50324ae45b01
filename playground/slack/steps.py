"""Steps of workflows that the app offers: each run has a token of its own, and takes one answer."""

from dataclasses import dataclass, field

from .wire import JsonObject, refuse

TYPES = {"string": str, "boolean": bool, "integer": int, "number": float, "object": dict, "array": list}


@dataclass
class Run:
    """One run of a step; it is running until it has outputs or an error."""

    id: str
    callback_id: str
    token: str
    outputs: JsonObject | None = None
    error: str | None = None

    @property
    def over(self) -> bool:
        """Whether it has its answer."""
        return self.outputs is not None or self.error is not None


@dataclass
class Steps:
    """The steps that the manifest declares, and their runs by id."""

    functions: JsonObject
    runs: dict[str, Run] = field(default_factory=dict)

    def begin(self, run: Run) -> Run:
        """Let a run begin."""
        self.runs[run.id] = run
        return run

    def running(self, run_id: str, token: str) -> Run:
        """Give the run that waits for its answer; refused with another token than its own, and once it is over."""
        run = self.runs.get(run_id)
        if run is None:
            refuse("function_execution_not_found")
        if token != run.token:
            refuse("access_denied")
        if run.over:
            refuse("execution_not_in_running_state")
        return run

    def check_outputs(self, run: Run, outputs: JsonObject) -> None:
        """Refuse what the manifest does not promise, or promises otherwise."""
        promised = self.functions[run.callback_id]["output_parameters"]
        missing = set(promised.get("required", ())) - outputs.keys()
        unknown = outputs.keys() - promised["properties"].keys()
        wrong = {name for name in outputs.keys() - unknown if not fits(outputs[name], promised["properties"][name])}
        if missing or unknown or wrong:
            said = [f"[ERROR] {name}" for name in sorted(missing | unknown | wrong)]
            refuse("parameter_validation_failed", response_metadata={"messages": said})


def fits(value: object, parameter: JsonObject) -> bool:
    """Say whether a value is of the parameter's type; true and false are no numbers."""
    if isinstance(value, bool):
        return bool(parameter["type"] == "boolean")
    return isinstance(value, TYPES.get(parameter["type"], str))
