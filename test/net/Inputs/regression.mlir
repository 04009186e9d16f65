// The price of a house from two inputs: the house itself, and where it is. Each goes
// through a layer of its own; their sum goes on. nn.mean and nn.std bring numbers as
// different as 4 rooms, 90 square metres and latitude 52.5 to one scale.
func.func @main(%house: tensor<?x3xf32> {nn.name = "house", nn.mean = [4.5, 100.0, 40.0], nn.std = [2.3, 55.0, 23.0]},
                %place: tensor<?x2xf32> {nn.name = "place", nn.mean = [52.5, 13.4], nn.std = [0.06, 0.12]})
    -> (tensor<?x1xf32> {nn.name = "price"}) {
  %house_weight = nn.parameter "of_house.weight" : tensor<32x3xf32>
  %house_bias = nn.parameter "of_house.bias" {init = 0.0 : f32} : tensor<32xf32>
  %1 = nn.linear %house, %house_weight bias %house_bias : tensor<?x3xf32>, tensor<32x3xf32>, tensor<32xf32>
  %place_weight = nn.parameter "of_place.weight" : tensor<32x2xf32>
  %2 = nn.linear %place, %place_weight : tensor<?x2xf32>, tensor<32x2xf32>
  %3 = nn.add %1, %2 : tensor<?x32xf32>
  %4 = nn.relu %3 : tensor<?x32xf32>

  %hidden_weight = nn.parameter "hidden.weight" : tensor<32x32xf32>
  %hidden_bias = nn.parameter "hidden.bias" {init = 0.0 : f32} : tensor<32xf32>
  %5 = nn.linear %4, %hidden_weight bias %hidden_bias : tensor<?x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %6 = nn.relu %5 : tensor<?x32xf32>

  %price_weight = nn.parameter "price.weight" : tensor<1x32xf32>
  %price_bias = nn.parameter "price.bias" {init = 0.0 : f32} : tensor<1xf32>
  %price = nn.linear %6, %price_weight bias %price_bias : tensor<?x32xf32>, tensor<1x32xf32>, tensor<1xf32>
  return %price : tensor<?x1xf32>
}
