# Writes the templates of plugins as a C++ source file.
#
#   cmake -DFROM=templates -DOUT=FILE.cpp -P EmbedTemplates.cmake

cmake_policy(VERSION 3.22)

# In the order of --help. Those that train a net get the one in net/; those of
# training are built otherwise than those of the compiler.
set(kinds op optimizer loss metric transform pass rule target importer exporter section
  schedule augmentation data)
set(with_net optimizer transform pass rule target exporter section schedule augmentation)
set(of_training schedule augmentation data)

set(text "// Generated from cmake/package/templates.\n#include \"compiler/tools/gradmill/NewPlugin.h\"\n\nnamespace gradmill::cli {\n")
set(rows "")
foreach(kind IN LISTS kinds)
  set(folders ${kind} common)
  if(kind IN_LIST of_training)
    set(folders ${kind} training)
  endif()
  if(kind IN_LIST with_net)
    list(APPEND folders net)
  endif()
  string(APPEND text "static constexpr TemplateFile k_${kind}[] = {\n")
  foreach(folder IN LISTS folders)
    file(GLOB_RECURSE files RELATIVE ${FROM}/${folder} ${FROM}/${folder}/*)
    list(SORT files)
    foreach(file IN LISTS files)
      file(READ ${FROM}/${folder}/${file} content)
      string(APPEND text "{\"${file}\", R\"____(${content})____\"},\n")
    endforeach()
  endforeach()
  string(APPEND text "};\n")
  string(APPEND rows "  {\"${kind}\", k_${kind}},\n")
endforeach()
string(APPEND text "std::span<const PluginTemplate> pluginTemplates() {\n  static constexpr PluginTemplate all[] = {\n${rows}  };\n  return all;\n}\n} // namespace gradmill::cli\n")
file(WRITE ${OUT} "${text}")
