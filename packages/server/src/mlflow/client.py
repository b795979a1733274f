"""What a program that logs to MLflow does, with the real client. Prints what it read back as JSON."""
import json, math, os, sys, tempfile
import mlflow
from mlflow.tracking import MlflowClient
from mlflow.exceptions import MlflowException

mlflow.set_tracking_uri(sys.argv[1])
out = {}
experiment = mlflow.set_experiment("sweep")
out["experiment"] = [experiment.name, experiment.lifecycle_stage]
client = MlflowClient()
for rate in (0.1, 0.01):
    with mlflow.start_run(run_name=f"rate {rate}") as run:
        mlflow.log_params({"rate": rate, "model": "linear"})
        for step in range(5):
            mlflow.log_metric("loss", rate * (5 - step), step=step)
        mlflow.log_metrics({"accuracy": 1 - rate, "odd/nan": math.nan})
        mlflow.set_tag("team", "support")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "notes.txt")
            with open(path, "w") as file:
                file.write(f"rate {rate}")
            mlflow.log_artifact(path, "docs")
        last = run.info.run_id
read = client.get_run(last)
out["run"] = [read.info.run_name, read.info.status, read.data.params, read.data.tags.get("team")]
out["metrics"] = [read.data.metrics["loss"], read.data.metrics["accuracy"], str(read.data.metrics["odd/nan"])]
out["history"] = [[m.step, m.value] for m in client.get_metric_history(last, "loss")]
out["artifacts"] = [[f.path, f.is_dir, f.file_size] for f in client.list_artifacts(last)] + [
    [f.path, f.is_dir, f.file_size] for f in client.list_artifacts(last, "docs")]
with open(client.download_artifacts(last, "docs/notes.txt")) as file:
    out["downloaded"] = file.read()
search = lambda text, order=None: [r.info.run_name for r in client.search_runs([experiment.experiment_id], text, order_by=order)]
out["found"] = [
    search("metrics.loss < 0.05"),
    search("params.rate = '0.1' and tags.team LIKE 'sup%'"),
    search("attributes.status = 'FINISHED'", ["metrics.loss DESC"]),
    search("", ["params.rate ASC"]),
]
def refused(call):
    try:
        call()
        return "no error"
    except MlflowException as error:
        return error.error_code
out["refused"] = [
    refused(lambda: client.log_param(last, "rate", "7")),
    refused(lambda: client.get_run("00000000-0000-7000-8000-000000000000")),
    refused(lambda: client.create_experiment("sweep")),
    refused(lambda: client.search_runs([experiment.experiment_id], "nonsense ~ 1")),
]
client.log_param(last, "rate", "0.01")
client.delete_tag(last, "team")
out["untagged"] = client.get_run(last).data.tags.get("team")
client.delete_run(last)
out["active"] = search("")
client.restore_run(last)
out["restored"] = len(search(""))
with mlflow.start_run(experiment_id="0") as run:
    out["default"] = client.get_experiment("0").name
out["experiments"] = sorted(e.name for e in client.search_experiments())
out["by name"] = client.get_experiment_by_name("none")
try:
    with mlflow.start_run():
        raise RuntimeError("it broke")
except RuntimeError:
    pass
out["failed"] = client.search_runs([experiment.experiment_id], "attributes.status = 'FAILED'")[0].info.status
print(json.dumps(out))
