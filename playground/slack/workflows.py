"""Workflows: a step that the app offers is run, and the bot hears of it."""

from .events import Events
from .stage import cannot
from .steps import Run
from .wire import JsonObject


class Workflows(Events):
    """Somebody's workflow comes to a step of the app's."""

    async def run_step(self, callback_id: str, **inputs: object) -> Run:
        """Run a step with these inputs; back when the event has been answered, the run may last longer.

        CannotDo where the manifest declares no such step, or an input that it needs is missing.
        """
        declared = self.steps.functions.get(callback_id)
        if declared is None or "function_executed" not in self.events:
            cannot(f"the app offers no step {callback_id}")
        if missing := set(declared["input_parameters"].get("required", ())) - inputs.keys():
            cannot(f"the step needs {', '.join(sorted(missing))}")
        run_id = self.workspace.new_id("Fx")
        run = self.steps.begin(Run(run_id, callback_id, f"xwfp-playground-{run_id}"))
        await self.send_step(run, inputs)
        return run

    async def send_step(self, run: Run, inputs: JsonObject) -> None:
        """Tell the bot of a run."""
        declared = self.steps.functions[run.callback_id]
        event = {
            "type": "function_executed",
            "function": {
                "id": "Fn0000000001",
                "callback_id": run.callback_id,
                "title": declared["title"],
                "description": declared["description"],
                "type": "app",
                "input_parameters": _listed(declared["input_parameters"]),
                "output_parameters": _listed(declared["output_parameters"]),
                "app_id": self.workspace.app.id,
                "date_created": 1_700_000_000,
                "date_updated": 1_700_000_000,
                "date_deleted": 0,
            },
            "inputs": inputs,
            "function_execution_id": run.id,
            "workflow_execution_id": self.workspace.new_id("Wx"),
            "event_ts": self.workspace.new_ts(),
            "bot_access_token": run.token,
        }
        await self.send_event(event)


def _listed(parameters: JsonObject) -> list[JsonObject]:
    required = parameters.get("required", ())
    return [
        {"name": name, **parameter, "is_required": name in required}
        for name, parameter in parameters["properties"].items()
    ]
