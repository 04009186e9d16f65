# Runs a command of Open MPI over TCP on a loopback device with delay and loss, for a namespace that has nothing else.
set -e
ip link set lo up
tc qdisc add dev lo root netem delay 2ms loss 1%
OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_pml=ob1 exec "$@"
