"""As much of a scheduler as the file in docs/OPERATIONS.md asks for: tasks, run in their order."""
import subprocess, sys, types

tasks = []


class DAG:
    def __init__(self, dag_id, **settings):
        assert settings["schedule"] and settings["max_active_runs"] == 1

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


class BashOperator:
    def __init__(self, task_id, bash_command, skip_on_exit_code=None):
        self.name, self.line, self.skips, self.after = task_id, bash_command, skip_on_exit_code, []
        tasks.append(self)

    def __rshift__(self, other):
        other.after.append(self)
        return other


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


module("airflow", DAG=DAG)
module("airflow.operators")
module("airflow.operators.bash", BashOperator=BashOperator)
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
state = {}
for task in tasks:
    if any(state[t.name] != "success" for t in task.after):
        state[task.name] = "skipped"
    else:
        code = subprocess.call(["bash", "-c", task.line])
        state[task.name] = "success" if code == 0 else "skipped" if code == task.skips else "failed"
print(" ".join(f"{name}={how}" for name, how in state.items()))
