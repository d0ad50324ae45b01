"""`functions.*`: the answer to one run of a step in a workflow.

Source: docs.slack.dev/reference/methods/functions.completeSuccess and …/functions.completeError.
"""

from playground.slack.wire import JsonObject, refuse

from .asked import Asked


def complete_success(asked: Asked) -> JsonObject:
    """Let the workflow go on with the outputs."""
    steps = asked.parts.steps
    run = steps.running(asked.required("function_execution_id"), asked.token)
    outputs = asked.structure("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        refuse("invalid_arguments")
    steps.check_outputs(run, outputs)
    run.outputs = outputs
    return {"ok": True}


def complete_error(asked: Asked) -> JsonObject:
    """End the workflow; whoever looks after it reads why."""
    run = asked.parts.steps.running(asked.required("function_execution_id"), asked.token)
    run.error = asked.required("error")
    return {"ok": True}
