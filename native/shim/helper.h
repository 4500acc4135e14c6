#ifndef NODELET_HELPER_H
#define NODELET_HELPER_H

/* `nodelet-shim helper PARENT PROGRAM ARGUMENT...`: becomes the program, which the kernel kills as soon as its parent, the process
 * PARENT, is gone. */
int helper_main(int argc, char **argv);

#endif
