// Work on the thread pool, as a promise.
#include "addon.h"

#include <stdio.h>

void *job_new(napi_env env, size_t size) {
  struct job *job = calloc(1, size);
  if (job == NULL) throw_errno(env, ENOMEM, "calloc", NULL);
  return job;
}

void job_fail(struct job *job, int error, const char *syscall, const char *path) {
  job->failure.error = error < 0 ? -error : error;
  job->failure.syscall = syscall;
  job->failure.path = NULL;
  if (path == NULL) return;
  snprintf(job->failure_path, sizeof job->failure_path, "%s", path);
  job->failure.path = job->failure_path;
}

static void job_free(struct job *job) {
  if (job->release != NULL) job->release(job);
  free(job);
}

static void job_execute(napi_env env, void *data) {
  (void)env;
  struct job *job = data;
  job->run(job);
}

static void job_complete(napi_env env, napi_status status, void *data) {
  struct job *job = data;
  if (status == napi_cancelled && job->failure.error == 0) job_fail(job, ECANCELED, "job", NULL);
  if (job->failure.error != 0) {
    napi_reject_deferred(env, job->deferred, make_error(env, &job->failure));
  } else {
    napi_value value = job->result == NULL ? make_undefined(env) : job->result(env, job);
    napi_resolve_deferred(env, job->deferred, value);
  }
  napi_delete_async_work(env, job->work);
  job_free(job);
}

napi_value job_start(napi_env env, struct job *job) {
  napi_value promise = NULL;
  napi_value name = make_string(env, "nodelet");
  if (napi_create_async_work(env, NULL, name, job_execute, job_complete, job, &job->work) != napi_ok) {
    job_free(job);
    return throw_type(env, "nodelet.node: cannot make a job");
  }
  if (napi_create_promise(env, &job->deferred, &promise) != napi_ok || napi_queue_async_work(env, job->work) != napi_ok) {
    napi_delete_async_work(env, job->work);
    job_free(job);
    return throw_type(env, "nodelet.node: cannot start a job");
  }
  return promise;
}
