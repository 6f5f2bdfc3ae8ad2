"""A recorded session: several processes, one folder, one person who steers it.

* `plan` says what a session is to be, `config` what its parts go by, `folder` where it is kept;
* `conductor` runs it: it starts `processes`, waits until each is ready, watches them, and closes
  everything in order;
* `streams` reads what the parts say, `operator` obeys a panel, `onlooker` is the panel's side;
* `electrodes` are accepted before anything begins; `recorder` watches the real LabRecorder
  (`lab_recorder`) write the recording.
"""
