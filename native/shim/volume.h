#ifndef NODELET_VOLUME_H
#define NODELET_VOLUME_H

/* `nodelet-shim volume CALL ARGUMENT...`: one call on a volume, in a process that can be given up on where the call hangs. */
int volume_main(int argc, char **argv);

#endif
