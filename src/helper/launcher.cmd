@echo off
rem The lanyard command, version @VERSION@. The Lanyard extension writes this file and replaces it when it is updated.
setlocal
if not defined LANYARD_HOME set "LANYARD_HOME=@HOME@"
set "LANYARD_NODE=@NODE@"
set "LANYARD_NODE_OPTIONS=%NODE_OPTIONS%"
set "NODE_OPTIONS="
set "ELECTRON_RUN_AS_NODE=1"
if exist "%LANYARD_NODE%" goto run
if not defined CLAUDE_CODE_MCP_SERVER_NAME goto missing
if "%~1"=="token" goto missing
if "%~1"=="status" goto missing
if "%~1"=="doctor" goto missing
if "%~1"=="bridge" goto missing
echo {"Lanyard needs the editor that installed it and does not find it so there is nothing to send. Open VS Code once":""}
exit /b 0
:missing
>&2 echo lanyard: Lanyard needs the editor that installed it and does not find it so there is nothing to send. Open VS Code once.
exit /b 3
:run
"%LANYARD_NODE%" "@HOME@\lib\lanyard.cjs" %*
