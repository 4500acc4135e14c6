/* What the shim does while the container runs, up to its last moment. */
#ifndef NODELET_LOOP_H
#define NODELET_LOOP_H

/* Returns once the exit was recorded and everybody was told. */
void loop_run(void);

#endif
